// Holds PDF files against PDF/A-3a and PDF/UA-1, by the engine of veraPDF: says what each breaks, and fails if one does.

import java.io.FileInputStream;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;

public class Valid {
    public static void main(String[] files) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        boolean valid = files.length > 0;
        for (String file : files) {
            for (PDFAFlavour flavour : new PDFAFlavour[] {PDFAFlavour.PDFA_3_A, PDFAFlavour.PDFUA_1}) {
                try (var parser = Foundries.defaultInstance().createParser(new FileInputStream(file), flavour);
                        var validator = Foundries.defaultInstance().createValidator(flavour, false)) {
                    var result = validator.validate(parser);
                    valid &= result.isCompliant();
                    System.out.println(flavour + (result.isCompliant() ? " holds: " : " is broken: ") + file);
                    for (TestAssertion broken : result.getTestAssertions()) {
                        System.out.println("  " + broken.getRuleId().getClause() + ": " + broken.getMessage()
                                + " at " + broken.getLocation().getContext());
                    }
                }
            }
        }
        System.exit(valid ? 0 : 1);
    }
}
