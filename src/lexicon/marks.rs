//! What stands at the end of an item, or in the place of its box.

use super::Concept;

/// In parentheses at the end of an item: it need not be done.
pub static OPTIONAL: Concept = Concept::new(&[
    ("en", &["optional"]),
    ("de", &["optional", "freiwillig"]),
    ("fr", &["optionnel", "optionnelle", "facultatif"]),
    ("es", &["opcional"]),
    ("pt", &["opcional"]),
    ("it", &["opzionale", "facoltativo"]),
    ("ru", &["опционально", "необязательно"]),
    ("ja", &["任意", "オプション"]),
    ("zh", &["可选", "可選", "选做"]),
    ("vi", &["tùy chọn", "tuy chon", "không bắt buộc"]),
]);

/// Words that stand for `not applicable` in the place of a box.
pub static NOT_APPLICABLE: Concept = Concept::new(&[
    ("en", &["n/a", "n.a.", "na", "not applicable"]),
    ("nl", &["n.v.t."]),
    ("de", &["entfällt"]),
    ("fr", &["sans objet"]),
    ("es", &["no aplica"]),
    ("pt", &["não se aplica"]),
    ("it", &["non applicabile"]),
    ("ru", &["неприменимо", "не применимо"]),
    ("ja", &["対象外", "該当なし"]),
    ("zh", &["不适用", "不適用"]),
    ("vi", &["không áp dụng"]),
]);
