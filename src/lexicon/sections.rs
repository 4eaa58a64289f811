//! Sections: what they are for, and whether they count.

use super::Concept;

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
