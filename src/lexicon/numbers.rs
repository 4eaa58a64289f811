//! Numbers that pass or fail.

use super::Concept;

/// Words before a number that nothing may be below.
pub static AT_LEAST: Concept = Concept::new(&[
    (
        "en",
        &[
            "longer than",
            "older than",
            "at least",
            "minimum",
            "minimum of",
            "min",
            "more than",
            "above",
            "over",
            "greater than",
            "no less than",
            "exceeds",
            "exceed",
        ],
    ),
    ("de", &["länger als", "älter als", "mindestens", "mehr als", "über"]),
    ("fr", &["au moins", "minimum", "plus de", "supérieur à"]),
    ("es", &["al menos", "mínimo", "más de", "mayor que", "mayor a"]),
    ("pt", &["passar de", "pelo menos", "no mínimo", "mínimo", "mais de", "acima de"]),
    ("it", &["almeno", "minimo", "più di"]),
    ("ru", &["не менее", "минимум", "более", "больше", "свыше"]),
    ("ja", &["最低", "少なくとも"]),
    ("zh", &["至少", "不低于", "不低於", "不少于", "大于", "大於", "超过", "超過"]),
    ("vi", &["ít nhất", "tối thiểu", "toi thieu", "trên"]),
]);

/// Words before a number that nothing may be above.
pub static AT_MOST: Concept = Concept::new(&[
    (
        "en",
        &[
            "younger than",
            "earlier than",
            "at most",
            "maximum",
            "maximum of",
            "max",
            "less than",
            "below",
            "under",
            "within",
            "no more than",
            "up to",
            "lower than",
            "fewer than",
        ],
    ),
    (
        "de",
        &[
            "jünger als",
            "kürzer als",
            "höchstens",
            "maximal",
            "weniger als",
            "unter",
            "innerhalb von",
        ],
    ),
    ("fr", &["au plus", "maximum", "moins de", "inférieur à"]),
    ("es", &["hasta", "como máximo", "máximo", "menos de", "menor que", "menor a"]),
    ("pt", &["até", "no máximo", "máximo", "menos de", "abaixo de"]),
    ("it", &["al massimo", "massimo", "meno di", "entro"]),
    ("ru", &["не старше", "не более", "максимум", "менее", "меньше", "до"]),
    ("ja", &["最大"]),
    ("zh", &["最多", "不超过", "不超過", "不高于", "小于", "小於", "低于", "低於"]),
    ("vi", &["nhiều nhất", "tối đa", "toi da", "dưới"]),
]);

/// Behind a number that nothing may be below.
pub static OR_MORE: Concept = Concept::new(&[
    ("en", &["or more", "or higher", "or later", "or better"]),
    ("de", &["oder mehr", "oder höher"]),
    ("fr", &["ou plus"]),
    ("es", &["o más", "o superior"]),
    ("pt", &["ou mais", "ou superior"]),
    ("it", &["o più", "o superiore"]),
    ("ru", &["и более", "и выше"]),
    ("ja", &["以上"]),
    ("zh", &["以上"]),
    ("vi", &["trở lên"]),
]);

/// Behind a number that nothing may be above.
pub static OR_LESS: Concept = Concept::new(&[
    ("en", &["or less", "or fewer", "or lower"]),
    ("de", &["oder weniger"]),
    ("fr", &["ou moins"]),
    ("es", &["o menos"]),
    ("pt", &["ou menos"]),
    ("it", &["o meno"]),
    ("ru", &["и менее"]),
    ("ja", &["以内", "以下", "未満"]),
    ("zh", &["以内", "以內", "以下"]),
    ("vi", &["trở xuống"]),
]);

/// Heads of a column of numbers to be reached.
pub static TARGET: Concept = Concept::new(&[
    ("en", &["target", "goal", "threshold", "limit"]),
    ("de", &["ziel", "soll", "sollwert", "grenzwert"]),
    ("fr", &["cible", "objectif", "seuil"]),
    ("es", &["objetivo", "meta", "umbral"]),
    ("pt", &["objetivo", "meta", "alvo", "limite"]),
    ("it", &["obiettivo", "soglia"]),
    ("ru", &["цель", "порог", "норма"]),
    ("ja", &["目標", "基準値", "しきい値"]),
    ("zh", &["目标", "目標", "阈值", "閾值", "标准", "標準"]),
    ("vi", &["mục tiêu", "ngưỡng"]),
]);
