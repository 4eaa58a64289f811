//! Words of dates and of what is finished, by language, as in `table`.

use super::Concept;

/// Labels of the date on which a document is to be read again.
pub static REVIEW: Concept = Concept::new(&[
    (
        "en",
        &[
            "next review",
            "next review date",
            "next scheduled review",
            "next update",
            "review by",
            "review due",
            "valid until",
        ],
    ),
    ("de", &["nächste überprüfung", "nächste prüfung", "nächstes review", "gültig bis"]),
    ("fr", &["prochaine révision", "prochaine revue", "prochain examen", "valable jusqu'au"]),
    ("es", &["próxima revisión", "proxima revision", "válido hasta"]),
    ("pt", &["próxima revisão", "proxima revisao", "válido até"]),
    ("it", &["prossima revisione", "prossima verifica", "valido fino al"]),
    ("ru", &["следующий пересмотр", "следующая проверка", "следующий обзор", "действует до"]),
    ("ja", &["次回レビュー", "次回レビュー日", "次回見直し", "有効期限"]),
    ("zh", &["下次评审", "下次审查", "下次审核", "下次复审", "下次更新", "有效期至"]),
    ("vi", &["đánh giá tiếp theo", "rà soát tiếp theo", "có hiệu lực đến"]),
]);

/// Last words of a heading that says that all below it is done.
pub static DONE: Concept = Concept::new(&[
    ("en", &["done", "complete", "completed", "finished", "passed", "all passed"]),
    ("de", &["erledigt", "abgeschlossen", "fertig"]),
    ("fr", &["terminé", "terminée", "fait"]),
    ("es", &["completado", "completada", "hecho", "terminado"]),
    ("pt", &["concluído", "concluída", "completo", "feito"]),
    ("it", &["completato", "completata", "fatto"]),
    ("ru", &["выполнено", "готово", "завершено"]),
    ("ja", &["完了", "完了済み", "済"]),
    ("zh", &["已完成", "完成"]),
    ("vi", &["hoàn thành", "đã xong"]),
]);

/// How the names of the twelve months begin, January first.
pub static MONTHS: [&[&str]; 12] = [
    &["jan", "jän", "ene", "gen", "янв"],
    &["feb", "fév", "fev", "фев"],
    &["mar", "mär", "мар"],
    &["apr", "avr", "abr", "апр"],
    &["may", "mai", "mag", "май", "мая"],
    &["jun", "juin", "giu", "июн"],
    &["jul", "juil", "lug", "июл"],
    &["aug", "aoû", "ago", "авг"],
    &["sep", "set", "сен"],
    &["oct", "okt", "out", "ott", "окт"],
    &["nov", "ноя"],
    &["dec", "dez", "déc", "dic", "дек"],
];
