//! `on`: where a script runs, and the program that takes it there.

use super::super::target;
use super::super::template::{Template, Values};

/// `# on: ssh://web-1`: another machine, container or pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    way: Way,
    /// What stands behind `://`.
    address: Template,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Ssh,
    Docker,
    Kubectl,
}

const WAYS: &[(&str, Way)] =
    &[("ssh", Way::Ssh), ("docker", Way::Docker), ("kubectl", Way::Kubectl)];

/// How a place is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::check) struct Reach {
    /// The user's own program.
    pub(in crate::check) program: &'static str,
    /// Its arguments, before the command that it is to run there.
    pub(in crate::check) arguments: Vec<String>,
    /// The command is one text, which a shell there reads.
    pub(in crate::check) one_text: bool,
    /// The place as people write it.
    pub(in crate::check) name: String,
}

impl Place {
    /// Reads the value of the directive.
    pub(super) fn read(value: &str) -> Result<Self, String> {
        let malformed = || format!("`{value}` is no place");
        let (scheme, address) = value.split_once("://").ok_or_else(malformed)?;
        let (_, way) = WAYS.iter().find(|(name, _)| *name == scheme).ok_or_else(malformed)?;
        let place = Self { way: *way, address: Template::read(address) };
        if !place.address.has_names() {
            place.reach(&Values::new())?;
        }
        Ok(place)
    }

    /// The way to it, with the values of parameters.
    ///
    /// # Errors
    /// When a name has no value, or what it makes is no address: one that a program could take for an
    /// option of its own never is.
    pub(in crate::check) fn reach(&self, values: &Values) -> Result<Reach, String> {
        let address = self.address.fill(values)?;
        let name = format!("{}://{address}", self.scheme());
        let wrong = || format!("`{name}` is no place");
        let arguments = match self.way {
            Way::Ssh => ssh(&address),
            Way::Docker => is_word(&address).then(|| words(&["exec", "-i", &address])),
            Way::Kubectl => kubectl(&address),
        };
        let arguments = arguments.ok_or_else(wrong)?;
        let one_text = self.way == Way::Ssh;
        Ok(Reach { program: self.scheme(), arguments, one_text, name })
    }

    /// The names of parameters in it.
    pub(in crate::check) fn names(&self) -> impl Iterator<Item = &str> {
        self.address.names()
    }

    /// The program that takes a script there, which is also the scheme.
    pub(in crate::check) fn scheme(&self) -> &'static str {
        WAYS.iter().find(|(_, way)| *way == self.way).map_or("", |(name, _)| name)
    }

    /// Whether a variable is for the program that takes a script there, and not for the script.
    pub(in crate::check) fn keeps(&self, variable: &str) -> bool {
        variable == AGENT && self.way == Way::Ssh
            || target::variables(self.scheme()).any(|own| own == variable)
    }

    /// A variable that the program needs of the caller without being told so.
    pub(crate) fn needs(&self) -> Option<&'static str> {
        (self.way == Way::Ssh).then_some(AGENT)
    }

    /// Its name, as far as it is known before all values are: a name without one stands as it is written.
    ///
    /// # Errors
    /// When what the values make is no address.
    pub(crate) fn name(&self, values: &Values) -> Result<String, String> {
        if self.names().any(|name| !values.contains_key(name)) {
            return Ok(format!("{}://{}", self.scheme(), self.address.written()));
        }
        self.reach(values).map(|reach| reach.name)
    }
}

/// Where ssh finds the keys of whoever calls.
pub(crate) const AGENT: &str = "SSH_AUTH_SOCK";

/// `[user@]host[:port]`. What is asked for at a terminal cannot be answered, connections of the user's are
/// used, and none is left open behind a check.
fn ssh(address: &str) -> Option<Vec<String>> {
    let (user, machine) = match address.rsplit_once('@') {
        Some((user, machine)) => (Some(user), machine),
        None => (None, address),
    };
    let (host, port) = match machine.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, "")) => (host, None),
        Some((host, port)) => (host, Some(port.strip_prefix(':')?)),
        None => match machine.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (machine, None),
        },
    };
    let is_host = match machine.starts_with('[') {
        true => host.parse::<std::net::Ipv6Addr>().is_ok(),
        false => is_word(host),
    };
    if !is_host || !user.is_none_or(is_word) {
        return None;
    }
    let mut arguments =
        words(&["-T", "-o", "BatchMode=yes", "-o", "ControlMaster=no", "-o", "RemoteCommand=none"]);
    if let Some(port) = port {
        let number: u16 = port.parse().ok()?;
        arguments.extend(words(&["-p", &number.to_string()]));
    }
    let target = user.map_or_else(|| host.to_owned(), |user| format!("{user}@{host}"));
    arguments.extend(words(&["--", &target]));
    Some(arguments)
}

/// `namespace/pod` or `namespace/kind/name`, with `?container=name` where a pod has several.
fn kubectl(address: &str) -> Option<Vec<String>> {
    let (path, container) = match address.split_once("?container=") {
        Some((path, container)) => (path, Some(container)),
        None => (address, None),
    };
    let (namespace, pod) = path.split_once('/')?;
    let parts: Vec<&str> = pod.split('/').collect();
    let mut all = parts.iter().chain([&namespace]).chain(container.as_ref());
    if parts.len() > 2 || !all.all(|part| is_word(part)) {
        return None;
    }
    let mut arguments = words(&["exec", "-i", "-n", namespace, pod]);
    arguments.extend(container.map(|name| words(&["-c", name])).unwrap_or_default());
    arguments.push("--".to_owned());
    Some(arguments)
}

/// A name that nothing takes for something else: no option, no list, no quote.
fn is_word(text: &str) -> bool {
    text.starts_with(|char: char| char.is_ascii_alphanumeric() || char == '_')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        && text.len() <= 253
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(text: &str) -> Option<String> {
        let reach = Place::read(text).ok()?.reach(&Values::new()).ok()?;
        Some(format!("{} {}", reach.program, reach.arguments.join(" ")))
    }

    #[test]
    fn places_are_reached_by_the_program_that_is_named() {
        let ssh = "ssh -T -o BatchMode=yes -o ControlMaster=no -o RemoteCommand=none";
        for (place, expected) in [
            ("ssh://web-1", format!("{ssh} -- web-1")),
            (
                "ssh://deploy@web-1.example.com:2222",
                format!("{ssh} -p 2222 -- deploy@web-1.example.com"),
            ),
            ("ssh://[::1]:22", format!("{ssh} -p 22 -- ::1")),
            ("docker://api_1", "docker exec -i api_1".to_owned()),
            ("kubectl://shop/api-0", "kubectl exec -i -n shop api-0 --".to_owned()),
            (
                "kubectl://shop/deployment/api?container=app",
                "kubectl exec -i -n shop deployment/api -c app --".to_owned(),
            ),
        ] {
            assert_eq!(command(place), Some(expected), "{place}");
        }
    }

    #[test]
    fn what_a_program_could_take_for_an_option_is_no_place() {
        for place in [
            "web-1",
            "http://web-1",
            "ssh://",
            "ssh://-oProxyCommand=id",
            "ssh://-l@web-1",
            "ssh://deploy@-web",
            "ssh://web 1",
            "ssh://web-1:ssh",
            "ssh://web-1:70000",
            "ssh://web-1/path",
            "ssh://[web-1]",
            "ssh://a@b@c;d",
            "docker://--privileged",
            "docker://a/b",
            "kubectl://shop",
            "kubectl://-n/pod",
            "kubectl://shop/--all",
            "kubectl://shop/a/b/c",
            "kubectl://shop/a?container=-c",
        ] {
            assert_eq!(command(place), None, "{place}");
        }
        let place = Place::read("ssh://{{HOST}}").expect("a place");
        let reach =
            |host: &str| place.reach(&Values::from([("HOST".to_owned(), host.to_owned())])).is_ok();
        assert!(reach("web-1") && !reach("-oProxyCommand=id") && !reach("") && !reach("a b"));
    }
}
