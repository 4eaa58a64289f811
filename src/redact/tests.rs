use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

use super::*;

fn known(values: &[(&str, &str)]) -> Redactor {
    let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Redactor::new(&Secrets { values: values.collect(), patterns: Vec::new() })
}

const SECRET: &str = "hunter2/and more\"";

#[test]
fn lets_nothing_through_that_cannot_be_searched() {
    let blind = Redactor { blind: Some(Blind::Unsearchable), ..Redactor::default() };
    assert_eq!(blind.text("hunter2"), ALL);
    let mut clean = Vec::new();
    blind.stream().feed(b"hunter2", &mut clean);
    assert_eq!(clean, ALL.as_bytes());
}

#[test]
fn finds_a_secret_as_usual_programs_write_it() {
    let long: String = (100..140).map(|n| format!("{n}_")).collect();
    let odd = "p\u{e4}/ss<w\u{f6}&r'd";
    let redactor = known(&[("LONG", long.as_str()), ("ODD", odd)]);
    let encoded = STANDARD.encode(&long);
    let hex: String = long.bytes().map(|byte| format!("{byte:02x}")).collect();
    for (text, width) in [(&encoded, 76), (&encoded, 64), (&hex, 60)] {
        let lines: Vec<&str> = text
            .as_bytes()
            .chunks(width)
            .map(|line| std::str::from_utf8(line).expect("text"))
            .collect();
        let clean = redactor.text(&lines.join("\n"));
        assert!(clean.contains("[redacted:LONG]") && clean.len() < 24, "{clean}");
    }
    for text in [
        r"p\u00E4/ss<w\u00F6&r'd",
        r"p\303\244/ss<w\303\266&r\'d",
        r"p\xc3\xa4/ss<w\xc3\xb6&r'd",
        "p\u{e4}/ss\\<w\u{f6}\\&r\\'d",
        "p\u{e4}/ss&lt;w\u{f6}&amp;r&apos;d",
        "p%C3%A4/ss%3Cw%C3%B6%26r%27d",
        "p\\u00e4/ss<w\\u00f6&r'd",
        "p\\u00e4/ss\\u003cw\\u00f6\\u0026r'd",
        "p\u{e4}/ss&lt;w\u{f6}&amp;r&#x27;d",
        "'p\u{e4}/ss<w\u{f6}&r'\\''d'",
    ] {
        assert!(redactor.text(text).contains("[redacted:ODD]"), "{text}");
    }
}

#[test]
fn finds_a_secret_in_every_form() {
    let redactor = known(&[("TOKEN", SECRET)]);
    for prefix in ["", "a", "ab", "user:"] {
        let text = format!("{prefix}{SECRET}:tail");
        let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        for form in [
            text.clone(),
            STANDARD.encode(&text),
            URL_SAFE.encode(&text),
            hex,
            "hunter2%2Fand%20more%22".to_owned(),
            "hunter2%2Fand+more%22".to_owned(),
            serde_json::to_string(&text).expect("json"),
        ] {
            let clean = redactor.text(&form);
            assert!(clean.contains("[redacted:TOKEN]"), "{form} -> {clean}");
        }
    }
}

#[test]
fn finds_a_secret_however_its_characters_are_escaped() {
    let redactor = known(&[
        ("PATH_LIKE", "abc/def ghi+z"),
        ("ODD", "<a.b*c>'d\"e"),
        ("LONG", &"x.y'".repeat(300)),
    ]);
    for text in [
        "abc%2fdef+ghi%2Bz",
        "abc%2Fdef%20ghi%2bz",
        "abc&#47;def ghi&#x2b;z",
        "abc&sol;def&#32;ghi&plus;z",
        "abc/def ghi\\+z",
        "job=~\"abc/def ghi\\\\+z\"",
    ] {
        let clean = redactor.text(text);
        assert!(clean.contains("[redacted:PATH_LIKE]") && clean.len() < 30, "{text}: {clean}");
    }
    for text in [
        "&#60;a.b*c&#62;&#39;d&#34;e",
        "&#x3c;a.b*c&#x3e;&#x27;d&#x22;e",
        "&#x3C;a.b*c&gt;&apos;d&quot;e",
        "<a\\.b\\*c>'d\"e",
        "'<a.b*c>''d\"e'",
        "\"<a.b*c>'d\"\"e\"",
        "<a\\\\.b\\\\*c>'d\\\"e",
        "%3Ca.b%2ac%3e%27d%22e",
    ] {
        let clean = redactor.text(text);
        assert!(clean.contains("[redacted:ODD]") && clean.len() < 18, "{text}: {clean}");
    }
    for text in [regex::escape(&"x.y'".repeat(300)), "x.y''".repeat(300)] {
        assert_eq!(redactor.text(&text), "[redacted:LONG]");
    }
    let whole = "abc%2fdef+ghi%2Bz ".repeat(20_000);
    for size in [1_000, 4_099, 65_536] {
        let clean = in_pieces(&redactor, whole.as_bytes(), size);
        assert_eq!(clean, "[redacted:PATH_LIKE] ".repeat(20_000).as_bytes(), "{size}");
    }
}

#[test]
fn finds_a_secret_across_pieces() {
    let redactor = known(&[("TOKEN", "hunter2")]);
    let text = b"xx hunter2 yy hunter hunter2";
    for size in 1..text.len() {
        let mut stream = redactor.stream();
        let mut clean = Vec::new();
        text.chunks(size).for_each(|piece| stream.feed(piece, &mut clean));
        stream.end(&mut clean);
        assert_eq!(clean, b"xx [redacted:TOKEN] yy hunter [redacted:TOKEN]", "{size}");
        assert_eq!(stream.counts().map(|count| count.count).collect::<Vec<_>>(), [2]);
    }
}

#[test]
fn leaves_everything_else_alone() {
    let redactor = known(&[("EMPTY", ""), ("TOKEN", "hunter2")]);
    assert_eq!(redactor.text("hunter3 and hunter"), "hunter3 and hunter");
}

/// The text in pieces of `size` bytes, cleaned.
fn in_pieces(redactor: &Redactor, text: &[u8], size: usize) -> Vec<u8> {
    let (mut stream, mut clean) = (redactor.stream(), Vec::new());
    text.chunks(size).for_each(|piece| stream.feed(piece, &mut clean));
    stream.end(&mut clean);
    clean
}

const KEY: &str =
    "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\nsecret\n-----END EC PRIVATE KEY-----\n";

#[test]
fn finds_what_looks_like_a_secret_across_all_borders() {
    let patterns =
        vec![Pattern { name: "badge".to_owned(), regex: r"\bbadge-\d{4,6}\b".to_owned() }];
    let values = vec![("TOKEN".to_owned(), "hunter2-hunter2".to_owned())];
    let redactor = Redactor::new(&Secrets { values, patterns });
    let secrets = [
        ("ghp_0123456789abcdefghijABCDEFGHIJ012345", "[redacted:github-token]"),
        ("https://u:p4ssw0rd@host/", "https://u:[redacted:url-password]@host/"),
        (KEY, "[redacted:private-key]\n"),
        ("badge-12345", "[redacted:badge]"),
        ("hunter2-hunter2", "[redacted:TOKEN]"),
        (
            "Authorization: Basic aHVudGVyMjpodW50ZXIy",
            "Authorization: Basic [redacted:authorization]",
        ),
    ];
    // Wherever batches and windows end, a secret lies across it once.
    for filler in [0, 100, 65_490, 65_530, 81_880, 81_915, 147_400, 147_450] {
        let (mut text, mut wanted) = ("-".repeat(filler), "-".repeat(filler));
        for (secret, label) in secrets {
            text += &format!(" {secret} ");
            wanted += &format!(" {label} ");
        }
        text += &"=".repeat(100_000);
        wanted += &"=".repeat(100_000);
        for size in [1, 7, 4096, 65_536, usize::MAX] {
            let clean = in_pieces(&redactor, text.as_bytes(), size.min(text.len()));
            assert!(clean == wanted.as_bytes(), "{filler} {size}");
        }
    }
}

#[test]
fn a_key_without_an_end_takes_the_rest_in_bounded_memory() {
    let redactor = Redactor::default();
    let (mut stream, mut clean) = (redactor.stream(), Vec::new());
    stream.feed(b"key: -----BEGIN PRIVATE KEY-----\n", &mut clean);
    for _ in 0..1_000 {
        stream.feed(&[b'A'; 10_000], &mut clean);
    }
    stream.end(&mut clean);
    assert_eq!(clean, b"key: [redacted:private-key]");
    assert_eq!(stream.counts().map(|count| count.count).sum::<i64>(), 1);
    let mut after = KEY.repeat(2).into_bytes();
    after.extend_from_slice(b"end");
    assert_eq!(redactor.clean(&after).0, b"[redacted:private-key]\n[redacted:private-key]\nend");
}

#[test]
fn a_secret_longer_than_the_window_takes_the_rest_of_its_line() {
    let redactor = Redactor::default();
    let token = format!("glpat-{}", "x".repeat(300_000));
    let text = format!("a {token} b\nc\n");
    assert_eq!(in_pieces(&redactor, text.as_bytes(), 1_000), b"a [redacted:gitlab-token]\nc\n");
}

#[test]
fn of_secrets_that_overlap_nothing_is_left() {
    let redactor = known(&[("ONE", "alpha-beta"), ("TWO", "beta-gamma"), ("ALL", "alpha-beta-ga")]);
    for text in ["alpha-beta-gamma", "xalpha-beta-gammax"] {
        let clean = redactor.text(text);
        assert!(!clean.contains("alpha") && !clean.contains("gamma"), "{clean}");
    }
    let clean = known(&[("PW", "hunter2/hunter")]).text("postgres://u:x-hunter2/hunter@db");
    assert!(!clean.contains("hunter"), "{clean}");
}

#[test]
fn the_password_in_a_secret_address_is_secret_by_itself() {
    let redactor = known(&[("DATABASE_URL", "postgres://app:s3cr3t-pw@db:5432/app")]);
    assert_eq!(redactor.text("PGPASSWORD=s3cr3t-pw"), "PGPASSWORD=[redacted:DATABASE_URL]");
    let redactor = known(&[("DATABASE_URL", "postgres://postgres:postgres@db/x")]);
    assert_eq!(redactor.text("postgres is up"), "postgres is up");
}

#[test]
fn what_was_taken_out_stays_as_it_is() {
    let redactor = Redactor::default();
    let once = redactor.text("see https://u:p4ssw0rd@host/ and Authorization: Bearer abcdefgh");
    let (twice, counts) = redactor.clean(once.as_bytes());
    assert_eq!(twice, once.as_bytes());
    assert!(counts.is_empty());
}

#[test]
fn hostile_output_costs_its_length_only() {
    let redactor = Redactor::default();
    for part in [
        "eyJ",
        "eyJhbGciOi.",
        "://",
        "://a:",
        "-----BEGIN ",
        "AKIA0123456789ABCDEF",
        "xox",
        "Bearer ",
    ] {
        let text = part.repeat((1 << 20) / part.len());
        let begun = std::time::Instant::now();
        redactor.clean(text.as_bytes());
        assert!(
            begun.elapsed() < std::time::Duration::from_secs(20),
            "{part}: {:?}",
            begun.elapsed()
        );
    }
}

#[test]
fn a_secret_that_is_cut_off_at_the_end_is_taken_out() {
    let redactor = known(&[("TOKEN", "hunter2-hunter3-hunter4")]);
    assert_eq!(redactor.text("it is hunter2-hunter3-h"), "it is [redacted:TOKEN]");
    assert_eq!(redactor.text("it is aHVudGVyMi1odW50"), "it is [redacted:TOKEN]");
    assert_eq!(redactor.text("it is hunter2-h, he says"), "it is hunter2-h, he says");
    assert_eq!(redactor.text("it is hunt"), "it is hunt");
    let url = known(&[("URL", "postgres://app:s3cr3t-pw@db.internal:5432/app")]);
    assert_eq!(url.text("connected to postgres"), "connected to postgres");
}

#[test]
fn blanks_around_a_secret_and_breaks_inside_it_hide_nothing() {
    let redactor = known(&[("TOKEN", " hunter2-hunter2\n")]);
    assert_eq!(redactor.text("[hunter2-hunter2]"), "[[redacted:TOKEN]]");
    let pem =
        "-----BEGIN X-----\nMHcCAQEEIJq8nq4Zb1hWQk7q\nQ0m3Vd2T9gY0y3v5X6n7b8c9\n-----END X-----\n";
    let lines = known(&[("PEM", pem)]);
    assert_eq!(lines.text("7: Q0m3Vd2T9gY0y3v5X6n7b8c9\r\n"), "7: [redacted:PEM]\r\n");
}

#[test]
fn what_only_looks_as_if_it_were_taken_out_is_taken_out() {
    let redactor = known(&[("TOKEN", "hunter2-hunter2")]);
    let clean = redactor.text("https://u:[redacted:p4ss!w0rd]@host/ [redacted:hunter2-hunter2]");
    assert!(!clean.contains("p4ss") && !clean.contains("hunter"), "{clean}");
    assert_eq!(redactor.text("https://u:[redacted:PW]@host/"), "https://u:[redacted:PW]@host/");
}

#[test]
fn where_all_is_secret_one_label_stands_for_it() {
    let redactor = Redactor::everything("TOKEN");
    let mut stream = redactor.stream();
    let mut clean = Vec::new();
    ["one", "two"].iter().for_each(|piece| stream.feed(piece.as_bytes(), &mut clean));
    stream.end(&mut clean);
    assert_eq!(clean, b"[redacted:TOKEN]");
    assert_eq!(stream.counts().map(|count| count.count).sum::<i64>(), 1);
    assert_eq!(redactor.text(""), "");
}
