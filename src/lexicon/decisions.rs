//! What is decided, and what binds a decision.

use super::{Concept, Pair};

/// Labels of lines where the decision is written down.
pub static DECISION: Concept = Concept::new(&[
    ("en", &["decision", "final decision", "verdict", "outcome", "go/no-go", "recommendation"]),
    ("de", &["entscheidung", "beschluss", "empfehlung"]),
    ("fr", &["décision", "verdict"]),
    ("es", &["decisión", "veredicto"]),
    ("pt", &["decisão", "parecer"]),
    ("it", &["decisione", "esito"]),
    ("ru", &["решение", "вердикт"]),
    ("ja", &["判定", "決定"]),
    ("zh", &["决策", "決策", "决定", "決定", "结论", "結論"]),
    ("vi", &["quyết định", "quyet dinh"]),
]);

/// The two sides of a decision to go on, the one that lets through first.
pub static CHOICES: &[Pair] = &[
    ("en", "go", "no-go"),
    ("en", "go", "nogo"),
    ("en", "go", "no go"),
    ("en", "yes", "no"),
    ("de", "ja", "nein"),
    ("fr", "oui", "non"),
    ("es", "sí", "no"),
    ("es", "si", "no"),
    ("pt", "sim", "não"),
    ("it", "sì", "no"),
    ("ru", "да", "нет"),
    ("ja", "はい", "いいえ"),
    ("zh", "是", "否"),
    ("vi", "có", "không"),
];

/// The two sides of how something came out, the good one first.
pub static RESULTS: &[Pair] = &[
    ("en", "pass", "fail"),
    ("en", "passed", "failed"),
    ("en", "approved", "rejected"),
    ("en", "approve", "reject"),
    ("de", "bestanden", "nicht bestanden"),
    ("de", "freigegeben", "abgelehnt"),
    ("fr", "réussi", "échoué"),
    ("es", "aprobado", "rechazado"),
    ("pt", "aprovado", "reprovado"),
    ("it", "superato", "non superato"),
    ("ru", "пройдено", "не пройдено"),
    ("ja", "合格", "不合格"),
    ("zh", "通过", "不通过"),
    ("zh", "通過", "不通過"),
    ("vi", "đạt", "không đạt"),
];

/// Beginnings of a third way between the two sides.
pub static THIRD: Concept = Concept::new(&[
    (
        "en",
        &[
            "conditional",
            "hold",
            "blocked",
            "deferred",
            "defer",
            "postpone",
            "postponed",
            "partial",
            "n/a",
            "go with",
            "pass with",
            "passed with",
            "approved with",
        ],
    ),
    ("de", &["bedingt", "zurückgestellt", "mit auflagen", "teilweise"]),
    ("fr", &["conditionnel", "reporté", "partiel"]),
    ("es", &["condicional", "aplazado", "parcial"]),
    ("pt", &["condicional", "adiado", "parcial"]),
    ("it", &["condizionato", "rinviato", "parziale"]),
    ("ru", &["условно", "отложено", "частично"]),
    ("ja", &["条件付き", "保留"]),
    ("zh", &["有条件", "有條件", "暂缓", "暫緩"]),
    ("vi", &["có điều kiện", "hoãn"]),
]);

/// Ends of sentences above the options of a choice.
pub static CHOOSE: Concept = Concept::new(&[
    (
        "en",
        &[
            "one only",
            "only one",
            "choose one",
            "select one",
            "pick one",
            "one of the following",
            "choose either",
            "tick one",
            "mark one",
            "check one",
        ],
    ),
    ("de", &["eines auswählen", "eine auswählen", "bitte wählen", "eine der folgenden"]),
    ("fr", &["choisir un", "choisir une", "choisissez"]),
    ("es", &["elegir uno", "elegir una", "seleccione uno", "marcar uno"]),
    ("pt", &["escolha um", "escolha uma", "selecione um", "marcar um"]),
    ("it", &["scegliere uno", "scegliere una", "selezionare uno"]),
    ("ru", &["выберите один", "выберите одно", "один из"]),
    ("ja", &["いずれか", "一つ選択", "1つ選択"]),
    ("zh", &["选择一项", "選擇一項", "任选其一", "任選其一", "单选"]),
    ("vi", &["chọn một", "chon mot"]),
]);

/// Labels of sentences that say what has to be true before work goes on.
pub static GATE: Concept = Concept::new(&[
    (
        "en",
        &[
            "exit condition",
            "release condition",
            "gate condition",
            "gate",
            "gates",
            "gate criteria",
            "exit criteria",
            "entry criteria",
            "hold point",
            "go criteria",
            "no-go criteria",
            "quality gate",
        ],
    ),
    (
        "de",
        &["freigabe", "freigabekriterium", "freigabekriterien", "abbruchkriterium", "quality gate"],
    ),
    ("fr", &["condition de passage", "critère de passage", "critères de passage", "point d'arrêt"]),
    (
        "es",
        &[
            "condición de paso",
            "criterio de salida",
            "criterio de paso",
            "criterios de salida",
            "punto de control",
        ],
    ),
    (
        "pt",
        &[
            "condição de passagem",
            "critério de passagem",
            "critérios de saída",
            "ponto de controle",
        ],
    ),
    ("it", &["condizione di passaggio", "criterio di passaggio", "criteri di uscita"]),
    ("ru", &["условие перехода", "критерий перехода", "критерии выхода", "критерии готовности"]),
    ("ja", &["ゲート", "判定基準", "完了条件"]),
    ("zh", &["门槛", "門檻", "放行条件", "准入条件"]),
    ("vi", &["điều kiện", "dieu kien", "tiêu chí"]),
]);

/// Behind `Go` and `No-Go`: what makes it the one or the other.
pub static CRITERIA: Concept = Concept::new(&[
    (
        "en",
        &["criteria", "criterion", "conditions", "condition", "triggers", "trigger", "if", "when"],
    ),
    ("de", &["kriterien", "kriterium", "bedingungen", "bedingung"]),
    ("fr", &["critères", "critère", "conditions"]),
    ("es", &["criterios", "criterio", "condiciones"]),
    ("pt", &["critérios", "critério", "condições"]),
    ("it", &["criteri", "criterio", "condizioni"]),
    ("ru", &["критерии", "критерий", "условия", "условие"]),
    ("ja", &["条件", "基準"]),
    ("zh", &["条件", "條件", "标准", "標準"]),
    ("vi", &["điều kiện", "dieu kien", "tiêu chí"]),
]);

/// Words of sentences that forbid to go on while something is so.
pub static FORBIDS: Concept = Concept::new(&[
    (
        "en",
        &[
            "nobody",
            "no one",
            "do not",
            "stop",
            "don't",
            "must not",
            "never",
            "cannot",
            "no-go",
            "blocks",
            "block",
            "blocked",
            "blocking",
            "only proceed",
            "stop the",
            "abort",
            "required before",
            "must be",
        ],
    ),
    ("de", &["nicht", "kein", "no-go", "erst wenn", "blockiert", "nur wenn"]),
    ("fr", &["ne pas", "interdit", "no-go", "bloque", "uniquement si"]),
    ("es", &["no desplegar", "no continuar", "no proceder", "no-go", "bloquea", "solo si"]),
    ("pt", &["não prosseguir", "não publicar", "no-go", "bloqueia", "somente se"]),
    ("it", &["non procedere", "no-go", "blocca", "solo se"]),
    ("ru", &["нельзя", "запрещ", "no-go", "блокир", "только если"]),
    ("ja", &["禁止", "no-go", "してはならない", "しないこと"]),
    ("zh", &["不得", "禁止", "no-go", "不可", "阻止", "必须"]),
    ("vi", &["không được", "khong duoc", "no-go", "chỉ khi"]),
]);

/// Words of conditions, and of what must not be reached before them.
pub static UNTIL: Concept = Concept::new(&[
    (
        "en",
        &[
            "until",
            "if",
            "unless",
            "before",
            "without",
            "if any",
            "all of",
            "only if",
            "only when",
            "any",
            "missing",
            "results in",
        ],
    ),
    ("de", &["bis", "bevor", "solange", "wenn", "ohne", "führt zu"]),
    ("fr", &["avant", "jusqu'à", "tant que", "sans", "entraîne"]),
    ("es", &["hasta", "antes", "mientras", "sin", "resulta en"]),
    ("pt", &["até", "antes", "enquanto", "sem", "resulta em"]),
    ("it", &["fino", "prima", "finché", "senza", "comporta"]),
    ("ru", &["пока", "до тех пор", "перед", "без", "приводит"]),
    ("ja", &["まで", "前に", "場合"]),
    ("zh", &["之前", "直到", "未", "任何", "如果", "任一"]),
    ("vi", &["cho đến", "trước khi", "nếu", "cho den", "truoc khi", "neu"]),
]);

/// What makes a number a trigger: reaching it ends the work, and does not pass it.
pub static TRIGGER: Concept = Concept::new(&[
    (
        "en",
        &[
            "rollback",
            "roll back",
            "auto-rollback",
            "trigger",
            "triggers",
            "abort",
            "alert",
            "alert if",
            "page",
            "escalate",
            "failed if",
            "fails if",
            "fail if",
            "stop if",
            "revert",
            "no-go",
        ],
    ),
    ("de", &["auslöser", "abbruch", "abbruchkriterien", "rollback", "alarm", "eskalieren"]),
    ("fr", &["déclencheur", "déclencheurs", "abandon", "rollback", "alerte"]),
    ("es", &["disparador", "disparadores", "abortar", "rollback", "revertir", "alerta"]),
    ("pt", &["gatilho", "gatilhos", "abortar", "rollback", "reverter", "alerta"]),
    ("it", &["innesco", "annullare", "rollback", "avviso"]),
    ("ru", &["откат", "триггер", "прервать", "алерт", "тревог"]),
    ("ja", &["ロールバック", "トリガー", "中止", "アラート", "切り戻し"]),
    ("zh", &["回滚", "回滾", "回退", "触发", "觸發", "告警", "中止"]),
    ("vi", &["quay lui", "kích hoạt", "hủy bỏ", "cảnh báo"]),
]);
