//! Reports of tests in the XML that began with JUnit, in the dialects that people's tools write.
//!
//! Tests are counted one by one. What suites say about themselves has to agree: a report that says two
//! things says nothing.

use std::collections::HashSet;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Elements inside one another.
const DEEPEST: usize = 64;

/// How often it is asked whether there is time left.
const GLANCE: usize = 4_096;

/// What stands in suites and tests besides, and says nothing of what came of them.
const ASIDE: &[&str] = &["properties", "system-out", "system-err"];

/// What a report says.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Report {
    pub(super) counts: Counts,
    /// Names of tests that failed or broke off.
    pub(super) failed: Vec<String>,
    /// Seconds, where it says so.
    pub(super) time: Option<f64>,
}

/// So many tests, and what came of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) tests: u64,
    pub(super) failures: u64,
    pub(super) errors: u64,
    pub(super) skipped: u64,
    pub(super) passed: u64,
    /// Passed, but not at once.
    pub(super) flaky: u64,
    /// Stands twice: pytest writes a test that fails and cannot clean up as two.
    repeated: u64,
}

impl Counts {
    pub(super) fn add(&mut self, other: &Self) {
        self.tests += other.tests;
        self.failures += other.failures;
        self.errors += other.errors;
        self.skipped += other.skipped;
        self.passed += other.passed;
        self.flaky += other.flaky;
        self.repeated += other.repeated;
    }
}

/// An element that has begun.
enum Open {
    Suite(Box<Suite>),
    Case(Case),
    Other,
}

/// `testsuites` or `testsuite`.
#[derive(Default)]
struct Suite {
    name: String,
    /// What it says about itself.
    tests: Option<String>,
    failures: Option<String>,
    errors: Option<String>,
    skipped: Option<String>,
    disabled: Option<String>,
    time: Option<f64>,
    /// What is in it.
    counts: Counts,
    below: f64,
    untimed: bool,
    last: String,
}

/// `testcase`.
#[derive(Default)]
struct Case {
    label: String,
    time: Option<f64>,
    failure: bool,
    error: bool,
    skipped: bool,
    flaky: bool,
    /// Tried again, and failed again.
    rerun: bool,
}

/// Reads a report.
pub(super) fn read(bytes: &[u8], is_over: impl Fn() -> bool) -> Result<Report, String> {
    let text = String::from_utf8_lossy(bytes);
    let mut reader = Reader::from_str(&text);
    let config = reader.config_mut();
    config.expand_empty_elements = true;
    config.allow_dangling_amp = true;
    let mut reading = Reading::default();
    let mut events = 0;
    loop {
        let event = reader.read_event().map_err(|error| format!("this is no XML: {error}"))?;
        events += 1;
        if events % GLANCE == 0 && is_over() {
            return Err("not all of it was read in time".to_owned());
        }
        match event {
            Event::Start(start) => reading.begin(&start)?,
            Event::End(_) => reading.end()?,
            Event::DocType(_) => return Err("it declares a document type".to_owned()),
            Event::Text(text) if reading.open.is_empty() && !text.trim().is_empty() => {
                return Err("this is no XML: a text stands outside of it".to_owned());
            }
            Event::CData(_) | Event::GeneralRef(_) if reading.open.is_empty() => {
                return Err("this is no XML: a text stands outside of it".to_owned());
            }
            Event::Eof if !reading.open.is_empty() => {
                return Err("it breaks off in the middle".to_owned());
            }
            Event::Eof => return reading.report.ok_or_else(|| "there is no XML in it".to_owned()),
            _ => {}
        }
    }
}

#[derive(Default)]
struct Reading {
    open: Vec<Open>,
    failed: Vec<String>,
    report: Option<Report>,
}

impl Reading {
    fn begin(&mut self, start: &BytesStart<'_>) -> Result<(), String> {
        if self.open.len() == DEEPEST {
            return Err(format!("its elements are nested more than {DEEPEST} deep"));
        }
        let name = start.local_name();
        let name = name.as_ref();
        let next = match (name, self.open.last_mut()) {
            ("testsuites" | "testsuite", None) if self.report.is_none() => {
                Open::Suite(Box::new(Suite::of(start)?))
            }
            (_, None) => {
                return Err(format!("this is no report of tests: it begins with `{name}`"));
            }
            ("testsuite", Some(Open::Suite(_))) => Open::Suite(Box::new(Suite::of(start)?)),
            ("testcase", Some(Open::Suite(_))) => Open::Case(Case::of(start)?),
            ("testsuites" | "testsuite" | "testcase", Some(_)) => {
                return Err(format!("`{name}` stands where none can be"));
            }
            ("failure" | "error", Some(Open::Suite(suite))) => {
                return Err(format!("suite `{}` failed outside of its tests", suite.name));
            }
            (name, Some(Open::Suite(suite))) if !ASIDE.contains(&name) => {
                return Err(format!("suite `{}` has `{name}`, which is not known", suite.name));
            }
            (name, Some(Open::Case(case))) => {
                case.take(name)?;
                Open::Other
            }
            _ => Open::Other,
        };
        self.open.push(next);
        Ok(())
    }

    fn end(&mut self) -> Result<(), String> {
        let (counts, time) = match self.open.pop() {
            Some(Open::Suite(suite)) => {
                suite.check()?;
                let time = suite.time.or((!suite.untimed).then_some(suite.below));
                (suite.counts, time)
            }
            Some(Open::Case(case)) => {
                case.check()?;
                let (mut counts, time) = (case.counts(), case.time);
                if case.failure || case.error {
                    self.failed.push(case.label.clone());
                }
                if let Some(Open::Suite(suite)) = self.open.last_mut() {
                    counts.repeated = u64::from(!case.label.is_empty() && suite.last == case.label);
                    suite.last = case.label;
                }
                (counts, time)
            }
            Some(Open::Other) | None => return Ok(()),
        };
        match self.open.last_mut() {
            Some(Open::Suite(above)) => {
                above.counts.add(&counts);
                above.untimed |= time.is_none();
                above.below += time.unwrap_or_default();
            }
            _ => {
                let failed = std::mem::take(&mut self.failed);
                self.report = Some(Report { counts, failed, time });
            }
        }
        Ok(())
    }
}

/// Calls `each` with the attributes of an element, each of which stands once; those with a prefix are
/// another's.
fn attributes(
    start: &BytesStart<'_>,
    mut each: impl FnMut(&str, String) -> Result<(), String>,
) -> Result<(), String> {
    let (mut all, mut seen) = (start.attributes(), HashSet::new());
    // To look for each among all others costs the square of what a hostile report has.
    for attribute in all.with_checks(false) {
        let attribute = attribute.map_err(|error| format!("this is no XML: {error}"))?;
        let name = attribute.key.into_inner();
        if !seen.insert(name) {
            return Err(format!("this is no XML: attribute `{name}` is given twice"));
        }
        let value = quick_xml::escape::unescape(&attribute.value)
            .map_or_else(|_| attribute.value.to_string(), |value| value.into_owned());
        each(name, value)?;
    }
    Ok(())
}

impl Suite {
    fn of(start: &BytesStart<'_>) -> Result<Self, String> {
        let mut suite = Self::default();
        attributes(start, |name, value| {
            match name {
                "name" => suite.name = value,
                "tests" => suite.tests = Some(value),
                "failures" => suite.failures = Some(value),
                "errors" => suite.errors = Some(value),
                "skipped" => suite.skipped = Some(value),
                "disabled" => suite.disabled = Some(value),
                "time" => suite.time = seconds(&value),
                _ => {}
            }
            Ok(())
        })?;
        Ok(suite)
    }

    /// What it says about itself against what is in it.
    fn check(&self) -> Result<(), String> {
        let Counts { tests, failures, errors, skipped, repeated, .. } = self.counts;
        let disabled = self.disabled.as_ref().and_then(|text| text.trim().parse().ok());
        let at_once = skipped.saturating_sub(disabled.unwrap_or(0));
        let claims = [
            ("tests", &self.tests, [tests, tests - repeated]),
            ("failures", &self.failures, [failures; 2]),
            ("errors", &self.errors, [errors; 2]),
            ("skipped", &self.skipped, [skipped, at_once]),
        ];
        for (what, said, seen) in claims {
            let said = said.as_deref().map(str::trim).filter(|said| !said.is_empty());
            if said.is_some_and(|said| !seen.iter().any(|seen| said.parse() == Ok(*seen))) {
                let said = said.unwrap_or_default();
                let name = &self.name;
                return Err(format!("suite `{name}` says {what}=\"{said}\", and has {}", seen[0]));
            }
        }
        Ok(())
    }
}

impl Case {
    fn of(start: &BytesStart<'_>) -> Result<Self, String> {
        let (mut case, mut class, mut own) = (Self::default(), String::new(), String::new());
        let mut said = Vec::new();
        attributes(start, |name, value| {
            match name {
                "name" => own = value,
                "classname" => class = value,
                "time" => case.time = seconds(&value),
                "status" | "result" => said.push((name.to_owned(), value)),
                _ => {}
            }
            Ok(())
        })?;
        case.label = match own.starts_with(&class) {
            true => own,
            false => format!("{class} {own}"),
        };
        for (name, value) in said {
            case.say(&name, &value)?;
        }
        Ok(case)
    }

    /// What came of it, as CTest and others say it beside the elements.
    fn say(&mut self, name: &str, value: &str) -> Result<(), String> {
        match value {
            "run" | "completed" | "passed" | "success" => {}
            "fail" | "failed" | "failure" => self.failure = true,
            "error" => self.error = true,
            "notrun" | "skipped" | "disabled" | "suppressed" => self.skipped = true,
            _ => {
                let label = &self.label;
                return Err(format!("test `{label}` has {name}=\"{value}\", which is not known"));
            }
        }
        Ok(())
    }

    fn take(&mut self, element: &str) -> Result<(), String> {
        match element {
            "failure" => self.failure = true,
            "error" => self.error = true,
            "skipped" => self.skipped = true,
            "flakyFailure" | "flakyError" => self.flaky = true,
            "rerunFailure" | "rerunError" => self.rerun = true,
            aside if ASIDE.contains(&aside) => {}
            _ => {
                let label = &self.label;
                return Err(format!("test `{label}` has `{element}`, which is not known"));
            }
        }
        Ok(())
    }

    fn check(&self) -> Result<(), String> {
        match self.rerun && !self.failure && !self.error {
            true => Err(format!("test `{}` failed again, and not at first", self.label)),
            false => Ok(()),
        }
    }

    fn counts(&self) -> Counts {
        let bad = self.failure || self.error;
        Counts {
            tests: 1,
            failures: u64::from(self.failure),
            errors: u64::from(self.error),
            skipped: u64::from(self.skipped && !bad),
            passed: u64::from(!self.skipped && !bad),
            flaky: u64::from(self.flaky && !bad),
            repeated: 0,
        }
    }
}

/// Seconds as tools write them; older ones put a comma after the thousands.
fn seconds(text: &str) -> Option<f64> {
    let text = text.trim();
    let text = if text.contains('.') { text.replace(',', "") } else { text.to_owned() };
    text.parse().ok().filter(|time: &f64| time.is_finite() && *time >= 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(xml: &str) -> Result<Report, String> {
        read(xml.as_bytes(), || false)
    }

    /// Tests, failures, errors, skipped, passed.
    fn counted(xml: &str) -> [u64; 5] {
        let Counts { tests, failures, errors, skipped, passed, .. } =
            report(xml).expect("a report").counts;
        [tests, failures, errors, skipped, passed]
    }

    #[test]
    fn pytest() {
        let xml = r#"<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="1" skipped="2" tests="5" time="0.073" timestamp="2026-11-20T10:00:00+00:00" hostname="ci"><testcase classname="tests.test_cart.TestCart" name="test_total[1-2]" time="0.001" /><testcase classname="tests.test_cart" name="test_tax" time="0.002"><failure message="AssertionError: assert 1 == 2&#10; +  where 1 = tax()">def test_tax():
&gt;       assert tax() == 2</failure></testcase><testcase classname="tests.test_cart" name="test_tax" time="0.002"><error message="failed on teardown">boom</error></testcase><testcase classname="tests.test_cart" name="test_later" time="0.000"><skipped type="pytest.skip" message="not yet">tests/test_cart.py:9: not yet</skipped></testcase><testcase classname="tests.test_cart" name="test_known" time="0.001"><skipped type="pytest.xfail" message="" /></testcase><testcase classname="" name="tests.test_cart.test_plain" time="0.001" /></testsuite></testsuites>"#;
        assert_eq!(counted(xml), [6, 1, 1, 2, 2]);
        let report = report(xml).expect("a report");
        assert_eq!(report.failed, ["tests.test_cart test_tax", "tests.test_cart test_tax"]);
        assert_eq!(report.time, Some(0.073));
    }

    #[test]
    fn cargo_nextest() {
        let xml = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="nextest-run" tests="3" failures="1" errors="0" uuid="0c4d" timestamp="2026-11-20T10:00:00.000+00:00" time="0.411">
    <testsuite name="shop::api" tests="3" disabled="0" errors="0" failures="1">
        <testcase name="cart::adds" classname="shop::api" timestamp="2026-11-20T10:00:00.000+00:00" time="0.010"></testcase>
        <testcase name="cart::sometimes" classname="shop::api" timestamp="2026-11-20T10:00:00.000+00:00" time="0.200">
            <flakyFailure timestamp="2026-11-20T10:00:00.000+00:00" time="0.1" message="thread panicked" type="test failure with exit code 101">at src/cart.rs:9<system-out>running 1 test</system-out></flakyFailure>
        </testcase>
        <testcase name="cart::never" classname="shop::api" timestamp="2026-11-20T10:00:00.000+00:00" time="0.100">
            <failure message="assertion failed" type="test failure with exit code 101">left: 1</failure>
            <rerunFailure timestamp="2026-11-20T10:00:00.000+00:00" time="0.05" type="test failure with exit code 101">left: 1</rerunFailure>
            <system-out>
running 1 test
test cart::never ... FAILED &#x1b;[31m</system-out>
        </testcase>
    </testsuite>
</testsuites>"#;
        assert_eq!(counted(xml), [3, 1, 0, 0, 2]);
        let report = report(xml).expect("a report");
        assert_eq!((report.counts.flaky, report.time), (1, Some(0.411)));
        assert_eq!(report.failed, ["shop::api cart::never"]);
    }

    #[test]
    fn maven_surefire() {
        let xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<testsuite xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:noNamespaceSchemaLocation=\"https://example.org/surefire-test-report.xsd\" version=\"3.0\" name=\"com.example.CartTest\" time=\"1,042.5\" tests=\"4\" errors=\"1\" skipped=\"1\" failures=\"1\">
  <properties><property name=\"java.version\" value=\"21\"/></properties>
  <testcase name=\"adds\" classname=\"com.example.CartTest\" time=\"0.01\">
    <system-out><![CDATA[<testcase> is only text here \u{1b}[32m \u{8} ]]></system-out>
  </testcase>
  <testcase name=\"taxes\" classname=\"com.example.CartTest\" time=\"0.02\">
    <failure message=\"expected: &lt;2&gt; but was: &lt;1&gt;\" type=\"org.opentest4j.AssertionFailedError\"><![CDATA[at CartTest.java:9]]></failure>
    <rerunFailure message=\"again\" type=\"java.lang.AssertionError\"><stackTrace><![CDATA[at]]></stackTrace></rerunFailure>
  </testcase>
  <testcase name=\"breaks\" classname=\"com.example.CartTest\" time=\"0.02\"><error type=\"java.lang.NullPointerException\">at</error></testcase>
  <testcase name=\"later\" classname=\"com.example.CartTest\" time=\"0\"><skipped message=\"needs a database\"/></testcase>
</testsuite>";
        assert_eq!(counted(xml), [4, 1, 1, 1, 1]);
        assert_eq!(report(xml).expect("a report").time, Some(1042.5));
    }

    #[test]
    fn jest() {
        let xml = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="jest tests" tests="3" failures="1" errors="0" time="1.287">
  <testsuite name="cart" errors="0" failures="1" skipped="1" timestamp="2026-11-20T10:00:00" time="0.6" tests="3">
    <testcase classname="cart adds" name="cart adds" time="0.002"></testcase>
    <testcase classname="cart taxes" name="cart taxes" time="0.004">
      <failure>Error: expect(received).toBe(expected) // Object.is equality</failure>
    </testcase>
    <testcase classname="cart ships" name="cart ships" time="0"><skipped/></testcase>
  </testsuite>
</testsuites>"#;
        assert_eq!(counted(xml), [3, 1, 0, 1, 1]);
        assert_eq!(report(xml).expect("a report").failed, ["cart taxes"]);
    }

    #[test]
    fn converters_for_go() {
        let gotestsum = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="3" failures="1" errors="0" time="0.21">
	<testsuite tests="3" failures="1" time="0.010000" name="example.com/shop/cart" timestamp="2026-11-20T10:00:00Z">
		<properties><property name="go.version" value="go1.25 linux/amd64"></property></properties>
		<testcase classname="example.com/shop/cart" name="TestTax" time="0.010000">
			<failure message="Failed" type="">=== RUN   TestTax&#xA;    cart_test.go:9: 1 != 2&#xA;--- FAIL: TestTax (0.01s)&#xA;</failure>
		</testcase>
		<testcase classname="example.com/shop/cart" name="TestTax/zero" time="0.000000"></testcase>
		<testcase classname="example.com/shop/cart" name="TestLater" time="0.000000">
			<skipped message="=== RUN   TestLater&#xA;--- SKIP: TestLater (0.00s)&#xA;"></skipped>
		</testcase>
	</testsuite>
</testsuites>"#;
        assert_eq!(counted(gotestsum), [3, 1, 0, 1, 1]);
        let go_junit_report = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="2" errors="1" skipped="1">
	<testsuite name="example.com/shop/cart" tests="2" failures="0" errors="1" id="0" hostname="ci" skipped="1" time="0.003" timestamp="2026-11-20T10:00:00Z">
		<testcase name="[build failed]" classname="example.com/shop/cart" time="0.000"><error message="Build error"><![CDATA[./cart.go:9:2: undefined: tax]]></error></testcase>
		<testcase name="TestLater" classname="example.com/shop/cart" time="0.003"><skipped message="cart_test.go:9: later"></skipped></testcase>
	</testsuite>
</testsuites>"#;
        assert_eq!(counted(go_junit_report), [2, 0, 1, 1, 0]);
        assert_eq!(report(go_junit_report).expect("a report").time, Some(0.003));
    }

    #[test]
    fn ctest() {
        let xml = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="Linux-c++" tests="4" failures="1" disabled="1" skipped="1" hostname="" time="3" timestamp="2026-11-20T10:00:00">
	<testcase name="adds" classname="adds" time="0.1" status="run"><properties/><system-out>ok</system-out></testcase>
	<testcase name="taxes" classname="taxes" time="0.1" status="fail"><failure message="Failed"/><system-out/></testcase>
	<testcase name="later" classname="later" time="0" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/></testcase>
	<testcase name="never" classname="never" time="0" status="disabled"/>
</testsuite>"#;
        assert_eq!(counted(xml), [4, 1, 0, 2, 1]);
    }

    #[test]
    fn a_test_of_which_something_unknown_is_said_has_not_passed() {
        for inside in [
            "<testcase name='a' status='timeout'/>",
            "<testcase name='a' status='crashed'/>",
            "<testcase name='a' status='aborted'/>",
            "<testcase name='a' status='Passed'/>",
            "<testcase name='a' result='unstable'/>",
            "<testcase name='a'><Failure/></testcase>",
            "<testcase name='a'><timeout/></testcase>",
            "<testcase name='a'><ignored/></testcase>",
            "<testcase name='a'><rerunFailure/></testcase>",
            "<testcase name='a'><rerunError/></testcase>",
            "<testcase name='a' status='failed' status='run'/>",
            "<TestCase name='a'><failure/></TestCase>",
            "<testcase name='a'/><x:failed xmlns:x='y'/>",
        ] {
            let xml = format!("<testsuite name='s'>{inside}</testsuite>");
            let why = report(&xml).expect_err(&xml);
            assert!(why.contains('`'), "{xml}: {why}");
        }
        let twice = "<testsuite failures='3' failures='0'><testcase name='a'/></testsuite>";
        assert!(report(twice).expect_err("no XML").contains("twice"));
        for (inside, counts) in [
            ("<testcase name='a' status='fail'/>", [1, 1, 0, 0, 0]),
            ("<testcase name='a' status='run' result='failed'/>", [1, 1, 0, 0, 0]),
            ("<testcase name='a' status='notrun' result='suppressed'/>", [1, 0, 0, 1, 0]),
            ("<testcase name='a' status='run' result='completed'/>", [1, 0, 0, 0, 1]),
        ] {
            assert_eq!(counted(&format!("<testsuite>{inside}</testsuite>")), counts, "{inside}");
        }
    }

    #[test]
    fn many_attributes_cost_no_more_each() {
        let all: String = (0..200_000).map(|n| format!(" a{n}='1'")).collect();
        assert!(report(&format!("<testsuite{all}/>")).is_ok());
    }

    #[test]
    fn suites_may_be_nested_and_empty() {
        let xml = r#"<testsuites><testsuite name="a" tests="2"><testsuite name="b" tests="1"><testcase name="x"/></testsuite><testcase name="y" status="notrun"/></testsuite><testsuite name="c" tests="0"/></testsuites>"#;
        assert_eq!(counted(xml), [2, 0, 0, 1, 1]);
        assert_eq!(counted("<testsuites/>"), [0; 5]);
    }

    #[test]
    fn a_report_that_says_two_things_says_nothing() {
        for (xml, why) in [
            (r#"<testsuite tests="2"><testcase name="a"/></testsuite>"#, "tests=\"2\", and has 1"),
            (r#"<testsuite tests="0"><testcase name="a"/></testsuite>"#, "tests=\"0\""),
            (
                r#"<testsuites failures="1"><testsuite><testcase name="a"/></testsuite></testsuites>"#,
                "failures",
            ),
            (
                r#"<testsuite failures="0"><testcase name="a"><failure/></testcase></testsuite>"#,
                "failures",
            ),
            (r#"<testsuite errors="many"><testcase name="a"/></testsuite>"#, "errors"),
            (r#"<testsuite name="s"><error message="cannot import"/></testsuite>"#, "outside"),
        ] {
            let said = report(xml).expect_err(xml);
            assert!(said.contains(why), "{xml}: {said}");
        }
    }

    #[test]
    fn what_is_cut_off_or_no_report_is_an_error() {
        let whole = r#"<testsuite tests="1"><testcase name="a"><system-out>x</system-out></testcase></testsuite>"#;
        assert!(report(whole).is_ok());
        for length in 0..whole.len() {
            assert!(report(&whole[..length]).is_err(), "{}", &whole[..length]);
        }
        let deep = "<testsuite>".repeat(100_000);
        for bad in [
            "<html></html>",
            "{}",
            "<testsuite/><testsuite/>",
            "<testsuite/>rest",
            "<testsuite></testcase>",
            "<!DOCTYPE x [<!ENTITY a \"b\">]><testsuite/>",
            "<testsuite><testcase><testcase/></testcase></testsuite>",
            "<testsuite><properties><testcase/></properties></testsuite>",
            "<testsuite name=x/>",
            &deep,
        ] {
            assert!(report(bad).is_err(), "{}", &bad[..bad.len().min(60)]);
        }
    }
}
