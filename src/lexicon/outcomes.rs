//! What commands and items should come to.

use super::Concept;

/// Labels of a text that has to be in the output, also in checks.
pub static EXPECTED: Concept = Concept::new(&[
    ("en", &["expected", "expected output"]),
    ("de", &["erwartet", "erwartete ausgabe", "erwartetes ergebnis"]),
    ("fr", &["attendu", "résultat attendu", "sortie attendue", "réponse attendue"]),
    ("es", &["esperado", "resultado esperado", "salida esperada", "respuesta esperada"]),
    ("pt", &["esperado", "resultado esperado", "saída esperada", "resposta esperada"]),
    ("it", &["atteso", "risultato atteso", "output atteso", "risposta attesa"]),
    ("ru", &["ожидается", "ожидаемый результат", "ожидаемый вывод", "ожидаемый ответ"]),
    ("ja", &["期待値", "期待結果", "期待される結果", "期待される出力"]),
    ("zh", &["预期", "預期", "预期结果", "預期結果", "预期输出", "期望", "期望结果"]),
    ("vi", &["kết quả mong đợi", "ket qua mong doi", "mong đợi"]),
]);

/// Other beginnings of notes on what a command or an item should come to.
pub static SHOULD: Concept = Concept::new(&[
    (
        "en",
        &[
            "expected result",
            "expected results",
            "expected response",
            "expect",
            "should",
            "must",
            "output",
            "response",
            "result",
            "look for",
            "returns",
            "watch for",
            "outcome",
        ],
    ),
    ("de", &["ergebnis", "ausgabe", "sollte", "muss"]),
    ("fr", &["résultat", "sortie", "réponse", "doit", "devrait"]),
    ("es", &["resultado", "salida", "respuesta", "debe", "debería", "se espera"]),
    ("pt", &["resultado", "saída", "resposta", "deve", "deveria"]),
    ("it", &["risultato", "risposta", "deve", "dovrebbe"]),
    ("ru", &["результат", "вывод", "ответ", "должен", "должно", "должна", "должны"]),
    ("ja", &["結果", "出力", "応答", "べき"]),
    ("zh", &["结果", "結果", "输出", "輸出", "应该", "應該", "应为", "應為", "应显示"]),
    ("vi", &["kết quả", "ket qua", "phải", "phai"]),
]);

/// Steps whose sub-points are what one should find.
pub static VERIFY: Concept = Concept::new(&[
    (
        "en",
        &[
            "verify",
            "verify that",
            "check",
            "check that",
            "confirm",
            "confirm that",
            "validate",
            "ensure",
            "make sure",
            "verification",
            "expect",
            "expected",
        ],
    ),
    ("de", &["prüfen", "überprüfen", "verifizieren", "prüfung"]),
    ("fr", &["vérifier", "vérifications", "confirmer"]),
    ("es", &["verificar", "comprobar", "confirmar", "verificación"]),
    ("pt", &["verificar", "conferir", "confirmar", "verificação"]),
    ("it", &["verificare", "controllare", "confermare", "verifica"]),
    ("ru", &["проверить", "проверка", "убедиться"]),
    ("ja", &["確認", "検証"]),
    ("zh", &["验证", "驗證", "检查", "檢查", "确认", "確認"]),
    ("vi", &["kiểm tra", "kiem tra", "xác nhận"]),
]);

/// Labels of lists of boxes that are the results of what stands above.
pub static CHECKLIST: Concept = Concept::new(&[
    (
        "en",
        &[
            "checklist",
            "check list",
            "checks",
            "results",
            "verify",
            "verification",
            "validation",
            "expected",
            "expected results",
            "pass criteria",
            "success criteria",
            "acceptance criteria",
        ],
    ),
    ("de", &["ergebnisse", "checkliste", "prüfliste", "prüfung", "ergebnis"]),
    ("fr", &["résultats", "liste de contrôle", "vérifications", "vérification"]),
    ("es", &["resultados", "lista de verificación", "verificación", "comprobación"]),
    ("pt", &["resultados", "lista de verificação", "verificação"]),
    ("it", &["risultati", "lista di controllo", "verifica"]),
    ("ru", &["результаты", "чек-лист", "чеклист", "проверка"]),
    ("ja", &["結果", "チェックリスト", "確認項目", "確認"]),
    ("zh", &["检查单", "檢查單", "结果", "結果", "检查清单", "檢查清單", "检查项", "验证"]),
    ("vi", &["danh sách kiểm tra", "kiểm tra"]),
]);

/// Labels of slots for evidence.
pub static EVIDENCE: Concept = Concept::new(&[
    ("en", &["evidence", "proof", "evidence link", "link to evidence", "artifact", "screenshot"]),
    ("de", &["nachweis", "beleg"]),
    ("fr", &["preuve", "justificatif"]),
    ("es", &["evidencia", "prueba"]),
    ("pt", &["evidência", "comprovante"]),
    ("it", &["evidenza", "prova"]),
    ("ru", &["доказательство", "подтверждение"]),
    ("ja", &["証跡", "エビデンス", "証拠"]),
    ("zh", &["证据", "證據", "佐证"]),
    ("vi", &["bằng chứng", "bang chung"]),
]);

/// Words that say that something came out well.
pub static PASSES: Concept = Concept::new(&[
    (
        "en",
        &[
            "pass",
            "passes",
            "passing",
            "passed",
            "succeeds",
            "successful",
            "green",
            "works",
            "clean",
        ],
    ),
    ("de", &["erfolgreich", "bestanden", "grün", "fehlerfrei"]),
    ("fr", &["réussi", "réussit", "passe", "passent", "vert"]),
    ("es", &["pasa", "pasan", "exitoso", "correcto", "verde"]),
    ("pt", &["passa", "passam", "passou", "passaram", "sucesso", "verde"]),
    ("it", &["passa", "passano", "superato", "verde", "verificato"]),
    ("ru", &["проход", "успеш", "зелен", "зелён"]),
    ("ja", &["成功", "通る", "通過", "パス"]),
    ("zh", &["通过", "通過", "成功"]),
    ("vi", &["thành công", "thanh cong", "đạt"]),
]);
