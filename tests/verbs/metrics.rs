//! Checks of what a real Prometheus has scraped: from an exporter, and from a service of a shop.

use std::io::{Read, Write};
use std::sync::atomic::{AtomicU64, Ordering};

use super::services::{come_to, promql};
use crate::servers;
use crate::support::service::Service;

/// A service that has had a hundred requests more at each look: 90 of them took up to 100 ms, 96 up to
/// 200 ms, and one failed.
fn shop() -> u16 {
    let looks = AtomicU64::new(0);
    servers::serve(move |mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        let n = looks.fetch_add(1, Ordering::Relaxed) + 1;
        let bucket =
            |le: &str, each: u64| format!("took_seconds_bucket{{le=\"{le}\"}} {}\n", each * n);
        let buckets = [("0.1", 90), ("0.2", 96), ("0.5", 100), ("+Inf", 100)]
            .map(|(le, each)| bucket(le, each));
        let body = format!(
            "# TYPE took_seconds histogram\n{}took_seconds_sum {}\ntook_seconds_count {}\n# TYPE requests_total counter\nrequests_total{{code=\"200\"}} {}\nrequests_total{{code=\"500\"}} {n}\n",
            buckets.concat(),
            9 * n,
            100 * n,
            99 * n
        );
        let head =
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nConnection: close\r\n";
        // The client may leave at any time.
        let _ = write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len());
    })
}

const P95: &str = "histogram_quantile(0.95, sum by (le) (rate(took_seconds_bucket[1m])))";
const FAILING: &str =
    "sum(rate(requests_total{code=~\"5..\"}[1m])) / sum(rate(requests_total[1m]))";

#[test]
fn what_prometheus_has_scraped_is_judged() {
    let exporter = Service::node_exporter();
    let (shop, nobody) = (shop(), servers::closed());
    let alert = |name: &str, expr: &str| format!("      - alert: {name}\n        expr: {expr}\n");
    let alerts = alert("Slow", &format!("'{P95} > 0.15'"))
        + &alert("Failing", &format!("'{FAILING} > 0.05'"));
    let server = Service::prometheus_of(&[exporter.port, shop, nobody], &alerts);
    let until = |query: &str, expectation: &str| {
        "# until: 60s every 500ms\n".to_owned() + &promql(query, expectation)
    };
    let of = |port: u16| format!("up{{instance=\"127.0.0.1:{port}\"}}");
    let firing = |name: &str| format!("ALERTS{{alertname=\"{name}\", alertstate=\"firing\"}}");
    let later = |check: String| format!("# after: #slow\n{check}");
    let checks = [
        ("slow", until(&firing("Slow"), "series == 1"), "pass", ""),
        ("quiet", later(promql(&firing("Failing"), "series == 0")), "pass", ""),
        ("loud", later(promql(&firing("Failing"), "series == 1")), "fail", "0"),
        ("near", later(promql(P95, "value < 185ms")), "error", "unit"),
        ("p95", later(promql(P95, "value < 0.185")), "pass", ""),
        ("worse", later(promql(P95, "value < 0.15")), "fail", "0.18"),
        ("rate", later(promql(FAILING, "value < 0.011")), "pass", ""),
        (
            "idle",
            promql(&FAILING.replace("requests", "nothing"), "value < 0.011"),
            "error",
            "no series",
        ),
        ("here", until(&of(exporter.port), "value == 1"), "pass", ""),
        ("gone", until(&of(nobody), "value == 0"), "pass", ""),
        ("memory", until("node_memory_MemAvailable_bytes", "value > 1000000"), "pass", ""),
        ("all", later(promql("up", "value == 1")), "error", "several series: 3"),
    ];
    come_to("promql", &format!("http://127.0.0.1:{}", server.port), &checks);
}
