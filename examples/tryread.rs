use holdpoint::checklist;
fn main() {
    for f in std::env::args().skip(1) {
        let b = std::fs::read(&f).unwrap();
        let t = std::time::Instant::now();
        match checklist::read(&f, &b) {
            Err(e) => println!("{f}: UNREADABLE {e}"),
            Ok(r) => {
                let c = &r.checklist;
                println!(
                    "{} items={} blocks={} disputed={} {:?} title={:?}",
                    f.rsplit('/').next().unwrap(),
                    c.items.len(),
                    c.blocks.len(),
                    r.disputed,
                    t.elapsed(),
                    c.title
                );
                for g in &c.gates {
                    let n = c
                        .items
                        .iter()
                        .filter(|i| i.gate.map(|x| c.gates[x].name == g.name).unwrap_or(false))
                        .count();
                    println!(
                        "   gate {:?} line {} roles {:?} unread={} items={}",
                        g.name,
                        g.line,
                        g.roles.iter().map(|r| r.name.as_str()).collect::<Vec<_>>(),
                        g.unreadable,
                        n
                    );
                }
                let sb = c.items.iter().filter(|i| i.gate.is_none()).count();
                if sb > 0 {
                    println!("   standby {sb}");
                }
                for d in &r.diagnostics {
                    println!(
                        "   {} {:?} line {} {}",
                        d.code,
                        d.severity,
                        c.source.line_of(d.span.start),
                        d.message
                    );
                }
            }
        }
    }
}
