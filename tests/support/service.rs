//! Real services on free ports, in temporary folders. They end when the test does, also by a panic,
//! and when the process that runs it is killed.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Who runs what refuses to be run by root.
const NOBODY: u32 = 65_534;

/// How long a service may take to listen.
const PATIENCE: Duration = Duration::from_secs(90);

/// Ends a program when its own standard input does.
const WATCHDOG: &str =
    "signal=$1; shift; \"$@\" </dev/null & cat >/dev/null; kill -\"$signal\" $!; wait $!";

pub(crate) struct Service {
    child: Child,
    folder: TempDir,
    pub(crate) port: u16,
}

impl Service {
    /// PostgreSQL, with the password `hunter2-pg` for its user `app`.
    pub(crate) fn postgresql() -> Self {
        let folder = folder();
        let (data, password) = (folder.path().join("data"), folder.path().join("password"));
        fs::write(&password, "hunter2-pg\n").expect("a file written");
        let initdb = program("initdb", "postgresql");
        run(as_nobody(&initdb)
            .args(["-U", "app", "-A", "scram-sha-256", "--no-sync", "-D"])
            .arg(&data)
            .arg("--pwfile")
            .arg(password));
        let port = free_port();
        let mut server = vec![initdb.with_file_name("postgres").display().to_string()];
        server.extend(["-D".to_owned(), data.display().to_string()]);
        server.extend(["-p".to_owned(), port.to_string()]);
        let (certificate, key) = certificates(folder.path());
        let encrypted = [
            "ssl=on".to_owned(),
            format!("ssl_cert_file={}", certificate.display()),
            format!("ssl_key_file={}", key.display()),
        ];
        server.extend(encrypted.into_iter().flat_map(|setting| ["-c".to_owned(), setting]));
        let settings = ["fsync=off", "listen_addresses=127.0.0.1", "unix_socket_directories="];
        server.extend(settings.iter().flat_map(|setting| ["-c".to_owned(), (*setting).to_owned()]));
        let service = Self::start("QUIT", &server, folder, port);
        // It listens before it answers.
        let begun = Instant::now();
        while service.psql("SELECT 1").is_none() {
            assert!(begun.elapsed() < PATIENCE, "PostgreSQL does not answer");
            std::thread::sleep(Duration::from_millis(100));
        }
        service
    }

    /// What `psql` prints, where the server lets it.
    pub(crate) fn psql(&self, sql: &str) -> Option<String> {
        let url = format!("postgres://app:hunter2-pg@127.0.0.1:{}/postgres", self.port);
        let output = Command::new(program("psql", "postgresql-client"))
            .args(["-XAt", "-v", "ON_ERROR_STOP=1", "-d", &url, "-c", sql])
            .output()
            .expect("psql starts");
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// The certificate that the server's is signed with.
    pub(crate) fn ca(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// MariaDB, with a database `shop` and the password `hunter2-maria` for its user `app`.
    pub(crate) fn mariadb() -> Self {
        let folder = folder();
        let (data, setup) = (folder.path().join("data"), folder.path().join("setup.sql"));
        let install = program("mariadb-install-db", "mariadb-server");
        let data_is = format!("--datadir={}", data.display());
        run(as_nobody(&install).args(["--no-defaults", "--skip-test-db", &data_is]));
        let sql = "CREATE DATABASE shop;\nCREATE USER app IDENTIFIED BY 'hunter2-maria';\nGRANT ALL ON *.* TO app;\nCREATE TABLE shop.orders (id INT, sum DECIMAL(10,2), day DATE);\nINSERT INTO shop.orders VALUES (1, 10.50, '2026-01-02'), (2, NULL, NULL);\nCREATE SEQUENCE shop.counter;\n";
        fs::write(&setup, sql).expect("a file written");
        let port = free_port();
        let (certificate, key) = certificates(folder.path());
        let server = [
            program("mariadbd", "mariadb-server").display().to_string(),
            "--no-defaults".to_owned(),
            data_is,
            format!("--port={port}"),
            "--bind-address=127.0.0.1".to_owned(),
            format!("--socket={}", folder.path().join("socket").display()),
            format!("--init-file={}", setup.display()),
            format!("--ssl-cert={}", certificate.display()),
            format!("--ssl-key={}", key.display()),
        ];
        Self::start("TERM", &server, folder, port)
    }

    /// Prometheus, with an alert that fires.
    pub(crate) fn prometheus() -> Self {
        let burning =
            "      - alert: Burning\n        expr: vector(1)\n        labels: { severity: page }\n";
        Self::prometheus_with("", burning)
    }

    /// Prometheus that scrapes what answers at these ports each second, with these rules for alerts.
    pub(crate) fn prometheus_of(ports: &[u16], alerts: &str) -> Self {
        let each: String = ports.iter().map(|port| format!("'127.0.0.1:{port}', ")).collect();
        let scrape = format!(
            "global: {{ scrape_interval: 1s }}\nscrape_configs:\n  - job_name: shop\n    static_configs: [{{ targets: [{each}] }}]\n"
        );
        Self::prometheus_with(&scrape, alerts)
    }

    fn prometheus_with(scrape: &str, alerts: &str) -> Self {
        let folder = folder();
        let (config, data) = (folder.path().join("prometheus.yml"), folder.path().join("data"));
        let rules = format!("groups:\n  - name: all\n    interval: 1s\n    rules:\n{alerts}");
        fs::write(folder.path().join("rules.yml"), rules).expect("a file written");
        fs::write(&config, format!("rule_files: [rules.yml]\n{scrape}")).expect("a file written");
        let port = free_port();
        let server = [
            program("prometheus", "prometheus").display().to_string(),
            format!("--config.file={}", config.display()),
            format!("--storage.tsdb.path={}", data.display()),
            format!("--web.listen-address=127.0.0.1:{port}"),
        ];
        Self::start("TERM", &server, folder, port)
    }

    /// The exporter of what this machine does.
    pub(crate) fn node_exporter() -> Self {
        let (folder, port) = (folder(), free_port());
        let server = [
            program("prometheus-node-exporter", "prometheus-node-exporter").display().to_string(),
            format!("--web.listen-address=127.0.0.1:{port}"),
            "--collector.disable-defaults".to_owned(),
            "--collector.meminfo".to_owned(),
        ];
        Self::start("TERM", &server, folder, port)
    }

    /// OpenSSH's server, which lets in whoever runs the test, behind a banner.
    pub(crate) fn sshd() -> Self {
        let folder = TempDir::with_prefix("holdpoint-service-").expect("a temporary folder");
        let at = |name: &str| folder.path().join(name).display().to_string();
        let keygen = program("ssh-keygen", "openssh-client");
        for key in ["host", "id"] {
            run(Command::new(&keygen).args(["-q", "-t", "ed25519", "-N", "", "-f", &at(key)]));
        }
        fs::write(at("banner"), "Authorized use only\n").expect("a file written");
        let port = free_port();
        let settings = [
            format!("Port {port}"),
            "ListenAddress 127.0.0.1".to_owned(),
            format!("HostKey {}", at("host")),
            format!("AuthorizedKeysFile {}", at("id.pub")),
            format!("Banner {}", at("banner")),
            "StrictModes no\nUsePAM no\nPidFile none\nPasswordAuthentication no\nMaxStartups 100"
                .to_owned(),
        ];
        fs::write(at("sshd_config"), settings.join("\n")).expect("a file written");
        if is_root() {
            // Debian makes it when the service is started.
            fs::create_dir_all("/run/sshd").expect("a folder for sshd");
        }
        let host = fs::read_to_string(at("host.pub")).expect("a key");
        let known = format!("box {host}");
        fs::write(at("known_hosts"), known).expect("a file written");
        let server = [
            program("sshd", "openssh-server").display().to_string(),
            "-D".to_owned(),
            "-e".to_owned(),
            "-f".to_owned(),
            at("sshd_config"),
        ];
        Self::start_by(Command::new("/bin/sh"), "TERM", &server, folder, port)
    }

    /// Redis, which keeps nothing.
    pub(crate) fn redis() -> Self {
        let (folder, port) = (folder(), free_port());
        let server = [
            program("redis-server", "redis-server").display().to_string(),
            "--bind".to_owned(),
            "127.0.0.1".to_owned(),
            "--port".to_owned(),
            port.to_string(),
            "--save".to_owned(),
            String::new(),
        ];
        Self::start("TERM", &server, folder, port)
    }

    /// nginx, which answers `/health` with JSON.
    pub(crate) fn nginx() -> Self {
        let folder = folder();
        let port = free_port();
        let at = folder.path().display();
        let answer = r#"{"status":"healthy","redis":{"connected":true}}"#;
        let config = format!(
            "daemon off; pid {at}/pid; error_log stderr; events {{}}\nhttp {{ access_log off; keepalive_requests 100000; client_body_temp_path {at}/a; proxy_temp_path {at}/b; fastcgi_temp_path {at}/c; uwsgi_temp_path {at}/d; scgi_temp_path {at}/e; server {{ listen 127.0.0.1:{port}; location /health {{ default_type application/json; return 200 '{answer}'; }} }} }}\n"
        );
        fs::write(folder.path().join("nginx.conf"), config).expect("a file written");
        let server = [
            program("nginx", "nginx-light").display().to_string(),
            "-p".to_owned(),
            folder.path().display().to_string(),
            "-c".to_owned(),
            "nginx.conf".to_owned(),
        ];
        Self::start("QUIT", &server, folder, port)
    }

    /// nginx with the servers that `write` gives, for its port and a second one, in nginx' own language;
    /// `server.pem`, `server.key` and the `ca.pem` that they come from lie in its folder.
    pub(crate) fn nginx_of(write: impl FnOnce(u16, u16) -> String) -> (Self, u16) {
        let folder = folder();
        let (port, second) = (free_port(), free_port());
        certificates(folder.path());
        let at = folder.path().display();
        let config = format!(
            "daemon off; pid {at}/pid; error_log stderr; events {{}}\nhttp {{ access_log off; client_body_temp_path {at}/a; proxy_temp_path {at}/b; fastcgi_temp_path {at}/c; uwsgi_temp_path {at}/d; scgi_temp_path {at}/e; {} }}\n",
            write(port, second)
        );
        fs::write(folder.path().join("nginx.conf"), config).expect("a file written");
        let nginx = program("nginx", "nginx-light").display().to_string();
        let words = ["-p", &at.to_string(), "-c", "nginx.conf"].map(str::to_owned);
        let server: Vec<String> = std::iter::once(nginx).chain(words).collect();
        (Self::start("QUIT", &server, folder, port), second)
    }

    /// The key that belongs to the server's certificate, and the certificate, as one text.
    pub(crate) fn identity(&self) -> String {
        let read = |name| fs::read_to_string(self.folder.path().join(name)).expect("a file");
        format!("{}{}", read("server.pem"), read("server.key"))
    }

    /// A folder with an `ssh` that knows the hosts `box`, which is the server, `gone`, where nobody
    /// listens, and `stranger`, whose key nobody knows.
    pub(crate) fn ssh(&self) -> PathBuf {
        self.ssh_with(&[])
    }

    /// The same, and the server behind other ports, each by a host of its own.
    pub(crate) fn ssh_with(&self, others: &[(&str, u16)]) -> PathBuf {
        let folder = self.folder.path();
        let (config, bin) = (folder.join("ssh_config"), folder.join("bin"));
        let own = |host: &str, port: u16, known: &str| {
            format!(
                "Host {host}\n  HostName 127.0.0.1\n  Port {port}\n  IdentityFile {0}/id\n  IdentitiesOnly yes\n  HostKeyAlias box\n  UserKnownHostsFile {0}/{known}\n  StrictHostKeyChecking yes\n",
                folder.display()
            )
        };
        let mut hosts = vec![
            own("box", self.port, "known_hosts"),
            own("gone", free_port(), "known_hosts"),
            own("stranger", self.port, "nobody"),
        ];
        hosts.extend(others.iter().map(|(host, port)| own(host, *port, "known_hosts")));
        fs::write(&config, hosts.concat()).expect("a file written");
        fs::create_dir_all(&bin).expect("a folder");
        let ssh = program("ssh", "openssh-client");
        let text = format!("#!/bin/sh\nexec {} -F {} \"$@\"\n", ssh.display(), config.display());
        executable(&bin.join("ssh"), &text);
        bin
    }

    fn start(signal: &str, server: &[String], folder: TempDir, port: u16) -> Self {
        Self::start_by(as_nobody(Path::new("/bin/sh")), signal, server, folder, port)
    }

    fn start_by(
        mut command: Command,
        signal: &str,
        server: &[String],
        folder: TempDir,
        port: u16,
    ) -> Self {
        let log = fs::File::create(folder.path().join("log")).expect("a log");
        command.args(["-c", WATCHDOG, "sh", signal]).args(server).current_dir(folder.path());
        let errors = log.try_clone().expect("a second handle");
        let child =
            command.stdin(Stdio::piped()).stdout(log).stderr(errors).spawn().expect("sh starts");
        let mut service = Self { child, folder, port };
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = service.child.try_wait().expect("a child").is_some();
            let log = || fs::read_to_string(service.folder.path().join("log")).unwrap_or_default();
            assert!(!ended && begun.elapsed() < PATIENCE, "{server:?} does not listen:\n{}", log());
            std::thread::sleep(Duration::from_millis(50));
        }
        service
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// Writes a program.
pub(crate) fn executable(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs::write(path, text).expect("a file written");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("a mode set");
}

/// A temporary folder that nobody may use.
fn folder() -> TempDir {
    let folder = TempDir::with_prefix("holdpoint-service-").expect("a temporary folder");
    if is_root() {
        chown(folder.path(), Some(NOBODY), Some(NOBODY)).expect("a folder handed over");
    }
    folder
}

/// A certificate for 127.0.0.1 and its key, and beside them `ca.pem`, which it is signed with.
fn certificates(folder: &Path) -> (PathBuf, PathBuf) {
    let openssl = program("openssl", "openssl");
    let make = |words: &str| {
        let mut command = as_nobody(&openssl);
        run(command.args(words.split(' ')).current_dir(folder));
    };
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    make(&format!("req -x509 {key} -keyout ca.key -out ca.pem -subj /CN=ca -days 2"));
    make(&format!("req {key} -keyout server.key -out server.csr -subj /CN=server"));
    fs::write(folder.join("names"), "subjectAltName=IP:127.0.0.1\n").expect("a file written");
    make(
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.pem",
    );
    (folder.join("server.pem"), folder.join("server.key"))
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}

fn as_nobody(program: &Path) -> Command {
    let mut command = Command::new(program);
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command.current_dir("/").env("LC_ALL", "C.UTF-8").env_remove("PGHOST");
    command
}

/// A port that was free just now.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    listener.local_addr().expect("an address").port()
}

/// A program, also where Debian keeps those that are on no PATH.
fn program(name: &str, package: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let found = std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/usr/bin".into()])
        .chain(versions.map(|version| version.path().join("bin")))
        .map(|folder| folder.join(name))
        .find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("`{name}` is installed (apt-get install {package})"))
}

fn run(command: &mut Command) {
    let output = command.output().expect("a program that starts");
    assert!(output.status.success(), "{command:?}: {output:?}");
}
