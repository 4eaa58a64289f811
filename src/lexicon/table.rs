//! The words by concept and language. A language is one more row of each; a word is in lower case.
//!
//! Languages go by their ISO 639-1 codes. Words of scripts without spaces, and stems of inflected
//! words in other scripts than the Latin, are found anywhere; all others as whole words.

use super::{Concept, Pair};

/// Headings of sections that are only for when things go wrong, or for reference.
pub static STANDBY: Concept = Concept::new(&[
    (
        "en",
        &[
            "rollback",
            "roll back",
            "roll-back",
            "contingency",
            "troubleshooting",
            "emergency",
            "appendix",
            "common issues",
            "known issues",
            "if issues",
            "backout",
            "back-out",
            "fallback plan",
            "useful commands",
            "quick commands",
        ],
    ),
    (
        "de",
        &[
            "rückfall",
            "rückfallplan",
            "notfall",
            "notfallplan",
            "fehlerbehebung",
            "fehlersuche",
            "anhang",
        ],
    ),
    ("fr", &["retour arrière", "urgence", "dépannage", "annexe", "si problème"]),
    (
        "es",
        &[
            "reversión",
            "reversion",
            "emergencia",
            "contingencia",
            "solución de problemas",
            "apéndice",
            "si algo falla",
        ],
    ),
    ("pt", &["reversão", "emergência", "contingência", "solução de problemas", "apêndice"]),
    ("it", &["ripristino", "emergenza", "risoluzione dei problemi", "appendice"]),
    ("ru", &["откат", "аварийн", "устранение неполадок", "приложение а"]),
    ("ja", &["ロールバック", "緊急", "トラブルシューティング", "付録", "切り戻し"]),
    ("zh", &["回滚", "回滾", "回退", "应急", "應急", "故障排除", "附录", "附錄"]),
    ("vi", &["khẩn cấp", "khôi phục", "phụ lục", "quay lui", "xử lý sự cố"]),
    ("ko", &["롤백", "긴급", "부록"]),
]);

/// Words that make a heading ask about such a plan beforehand: its items count.
pub static READINESS: Concept = Concept::new(&[
    (
        "en",
        &[
            "tested",
            "test",
            "tests",
            "testing",
            "verified",
            "ready",
            "readiness",
            "drill",
            "check",
            "checks",
            "rehearsal",
            "rehearsed",
            "documented",
            "backup",
            "backups",
            "without",
            "remove",
            "removed",
            "contacts",
            "confirmed",
            "reviewed",
            "resolved",
            "see appendix",
        ],
    ),
    ("de", &["getestet", "geübt", "geprüft", "sicherung"]),
    ("fr", &["testé", "vérifié", "sauvegarde"]),
    ("es", &["probado", "verificado", "respaldo", "copia de seguridad"]),
    ("pt", &["testado", "verificado"]),
    ("it", &["testato", "verificato"]),
    ("ru", &["резервное копирование", "проверен", "протестирован"]),
    ("ja", &["準備", "テスト", "確認", "バックアップ"]),
    ("zh", &["演练", "演練", "准备", "準備", "测试", "測試", "脚本", "腳本"]),
    ("vi", &["kiểm thử", "sao lưu"]),
]);

/// Headings that count: such siblings run in their order.
pub static COUNTED: Concept = Concept::new(&[
    ("en", &["step", "phase", "day", "stage", "week"]),
    ("de", &["schritt", "tag", "woche"]),
    ("fr", &["étape", "jour", "semaine"]),
    ("es", &["paso", "fase", "etapa", "día", "semana"]),
    ("pt", &["passo", "dia"]),
    ("it", &["passaggio", "giorno"]),
    ("ru", &["шаг", "этап", "фаза", "день"]),
    ("ja", &["ステップ", "フェーズ"]),
    ("zh", &["步骤", "步驟", "阶段", "階段"]),
    ("vi", &["bước", "buoc", "giai đoạn", "ngày"]),
]);

/// Words of sections where people sign or decide.
pub static SIGNING: Concept = Concept::new(&[
    (
        "en",
        &[
            "sign-off",
            "sign off",
            "signoff",
            "sign-offs",
            "signatures",
            "approval",
            "approvals",
            "approved by",
            "go/no-go",
            "go / no-go",
            "go-no-go",
            "go no go",
            "go/no go",
        ],
    ),
    ("de", &["freigabe", "abnahme", "unterschrift", "unterschriften"]),
    ("fr", &["approbation", "validation finale", "signature"]),
    ("es", &["aprobación", "aprobaciones", "firma", "firmas"]),
    ("pt", &["aprovação", "aprovações", "assinatura", "assinaturas"]),
    ("it", &["approvazione", "approvazioni", "firme"]),
    ("ru", &["подпис", "утвержд", "согласован"]),
    ("ja", &["承認", "署名"]),
    ("zh", &["审批", "審批", "签字", "簽字", "簽核", "签署", "簽署"]),
    ("vi", &["phê duyệt", "phe duyet", "ký duyệt", "chữ ký"]),
    ("ko", &["승인"]),
]);

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

/// Last words of a role's name.
pub static ROLES: Concept = Concept::new(&[
    (
        "en",
        &[
            "lead",
            "manager",
            "owner",
            "engineer",
            "director",
            "team",
            "officer",
            "admin",
            "administrator",
            "architect",
            "cto",
            "ceo",
            "ciso",
            "cio",
            "coo",
            "vp",
            "head",
            "devops",
            "sre",
            "qa",
            "ops",
            "operations",
            "security",
            "product",
            "engineering",
            "dba",
            "sponsor",
            "stakeholder",
            "coordinator",
            "reviewer",
            "approver",
            "operator",
            "developer",
            "auditor",
            "legal",
            "compliance",
            "support",
            "tester",
            "deployer",
            "counsel",
            "steward",
            "captain",
            "commander",
        ],
    ),
    (
        "de",
        &["leiter", "leiterin", "verantwortlicher", "verantwortliche", "betrieb", "projektleitung"],
    ),
    ("fr", &["chef", "responsable", "directeur", "équipe"]),
    ("es", &["responsable", "líder", "gerente", "jefe", "equipo", "director"]),
    ("pt", &["responsável", "gerente", "líder", "equipe"]),
    ("it", &["responsabile", "direttore"]),
    ("ru", &["руководитель", "ответственн", "владелец", "инженер"]),
    ("ja", &["経理", "責任者", "担当者", "担当"]),
    ("zh", &["负责人", "負責人", "经理", "經理"]),
    ("vi", &["trưởng nhóm", "quản lý", "phụ trách"]),
]);

/// Who answers for something: labels of lines and heads of columns.
pub static OWNER: Concept = Concept::new(&[
    (
        "en",
        &[
            "seen by",
            "owner",
            "owned by",
            "responsible",
            "accountable",
            "assignee",
            "assigned to",
            "deployed by",
            "performed by",
            "executed by",
            "prepared by",
            "tested by",
            "reviewed by",
            "approved by",
            "verified by",
            "completed by",
            "signed by",
            "release manager",
        ],
    ),
    (
        "de",
        &[
            "verantwortlich",
            "verantwortlicher",
            "zuständig",
            "durchgeführt von",
            "geprüft von",
            "freigegeben von",
        ],
    ),
    (
        "fr",
        &[
            "responsable",
            "propriétaire",
            "réalisé par",
            "déployé par",
            "vérifié par",
            "approuvé par",
        ],
    ),
    (
        "es",
        &[
            "responsable",
            "propietario",
            "encargado",
            "desplegado por",
            "realizado por",
            "verificado por",
            "aprobado por",
        ],
    ),
    (
        "pt",
        &[
            "responsável",
            "proprietário",
            "implantado por",
            "realizado por",
            "verificado por",
            "aprovado por",
        ],
    ),
    ("it", &["responsabile", "proprietario", "eseguito da", "verificato da", "approvato da"]),
    ("ru", &["ответственн", "владелец", "исполнитель", "выполнил", "проверил", "утвердил"]),
    ("ja", &["責任者", "担当者", "担当", "実施者", "確認者", "承認者"]),
    ("zh", &["负责人", "負責人", "执行人", "執行人", "审核人", "審核人", "批准人"]),
    ("vi", &["người phụ trách", "nguoi phu trach", "người thực hiện", "chủ sở hữu"]),
]);

/// What follows a role's name in a line that is also a task.
pub static APPROVES: Concept = Concept::new(&[
    ("en", &["approval", "approves", "approve", "approved", "sign-off", "signoff", "signature"]),
    ("de", &["freigabe", "abnahme"]),
    ("fr", &["approbation"]),
    ("es", &["aprobación"]),
    ("pt", &["aprovação"]),
    ("it", &["approvazione"]),
    ("ru", &["одобрение", "подпись"]),
    ("ja", &["承認"]),
    ("zh", &["批准", "签字", "簽字"]),
    ("vi", &["phê duyệt"]),
]);

/// Labels of blanks that are filled in and name no role.
pub static FIELDS: Concept = Concept::new(&[
    (
        "en",
        &[
            "date",
            "time",
            "version",
            "release",
            "reason",
            "notes",
            "note",
            "ticket",
            "comment",
            "comments",
            "name",
            "signature",
            "start",
            "end",
            "start time",
            "end time",
            "duration",
            "build",
            "commit",
            "tag",
            "url",
            "id",
            "incident",
            "change",
            "environment",
            "decision",
            "next review",
            "last updated",
            "status",
            "result",
            "issues",
            "deployment date",
            "rollback plan",
            "conditions",
            "justification",
            "risks accepted",
        ],
    ),
    (
        "de",
        &[
            "datum",
            "uhrzeit",
            "version",
            "grund",
            "bemerkungen",
            "name",
            "unterschrift",
            "begründung",
            "umgebung",
        ],
    ),
    (
        "fr",
        &["date", "heure", "version", "motif", "remarques", "nom", "signature", "environnement"],
    ),
    (
        "es",
        &[
            "fecha",
            "hora",
            "versión",
            "motivo",
            "notas",
            "nombre",
            "firma",
            "fecha de despliegue",
            "entorno",
            "ambiente",
        ],
    ),
    (
        "pt",
        &[
            "data",
            "hora",
            "versão",
            "motivo",
            "notas",
            "nome",
            "assinatura",
            "justificativa",
            "riscos aceitos",
            "condições e prazos",
            "ambiente",
        ],
    ),
    ("it", &["data", "ora", "versione", "motivo", "note", "nome", "firma", "ambiente"]),
    ("ru", &["дата", "время", "версия", "причина", "примечания", "имя", "подпись", "окружение"]),
    ("ja", &["日付", "日時", "バージョン", "理由", "備考", "氏名", "署名", "環境"]),
    (
        "zh",
        &[
            "日期", "时间", "時間", "版本", "原因", "备注", "備註", "姓名", "签名", "簽名", "环境",
            "環境",
        ],
    ),
    (
        "vi",
        &["ngày", "ngay", "giờ", "phiên bản", "lý do", "ghi chú", "tên", "chữ ký", "môi trường"],
    ),
]);

/// Words of the blank for a date.
pub static DATE: Concept = Concept::new(&[
    ("en", &["date"]),
    ("de", &["datum"]),
    ("fr", &["date"]),
    ("es", &["fecha"]),
    ("pt", &["data"]),
    ("it", &["data"]),
    ("ru", &["дата"]),
    ("ja", &["日付"]),
    ("zh", &["日期"]),
    ("vi", &["ngày", "ngay"]),
]);

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
    ("pt", &["pelo menos", "no mínimo", "mínimo", "mais de", "acima de"]),
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

/// Heads of a column of roles, in a table where people sign.
pub static ROLE: Concept = Concept::new(&[
    ("en", &["role", "approver"]),
    ("de", &["rolle", "funktion"]),
    ("fr", &["rôle", "fonction"]),
    ("es", &["rol", "cargo"]),
    ("pt", &["função", "cargo", "papel"]),
    ("it", &["ruolo"]),
    ("ru", &["роль", "должность"]),
    ("ja", &["役割", "役職"]),
    ("zh", &["角色", "职务", "職務"]),
    ("vi", &["vai trò", "vai tro", "chức vụ"]),
]);

/// Heads of a column, and labels, for signatures.
pub static SIGNATURE: Concept = Concept::new(&[
    (
        "en",
        &[
            "sign",
            "signed",
            "signed off",
            "signature",
            "sign-off",
            "approved",
            "approval",
            "approves",
            "approver",
        ],
    ),
    ("de", &["unterschrift", "freigabe", "freigegeben"]),
    ("fr", &["signature", "visa", "approuvé"]),
    ("es", &["firma", "aprobado"]),
    ("pt", &["assinatura", "aprovado"]),
    ("it", &["firma", "approvato"]),
    ("ru", &["подпись", "согласовано", "утверждено"]),
    ("ja", &["署名", "承認", "捺印"]),
    ("zh", &["签", "簽", "批准"]),
    ("vi", &["chữ ký", "ký tên", "phê duyệt"]),
]);

/// Heads of a column, and labels, for the name of whoever signs.
pub static NAME: Concept = Concept::new(&[
    ("en", &["name"]),
    ("de", &["name"]),
    ("fr", &["nom"]),
    ("es", &["nombre"]),
    ("pt", &["nome"]),
    ("it", &["nome"]),
    ("ru", &["имя", "фио"]),
    ("ja", &["氏名", "名前"]),
    ("zh", &["姓名", "名字"]),
    ("vi", &["tên", "họ tên", "họ và tên"]),
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

/// Headings of sections to look things up in.
pub static REFERENCE: Concept = Concept::new(&[
    (
        "en",
        &[
            "troubleshooting",
            "appendix",
            "common issues",
            "known issues",
            "useful commands",
            "quick commands",
        ],
    ),
    ("de", &["fehlerbehebung", "fehlersuche", "anhang"]),
    ("fr", &["dépannage", "annexe"]),
    ("es", &["solución de problemas", "apéndice"]),
    ("pt", &["solução de problemas", "apêndice"]),
    ("it", &["risoluzione dei problemi", "appendice"]),
    ("ru", &["устранение неполадок", "приложение а"]),
    ("ja", &["トラブルシューティング", "付録"]),
    ("zh", &["故障排除", "附录", "附錄"]),
    ("vi", &["phụ lục", "xử lý sự cố"]),
]);
