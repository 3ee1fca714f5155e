//! Runs the program: to its end, or as a server that is stopped when the test is over.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Longer than anything takes on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(60);

/// A folder of its own, gone with the test.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("frontdesk-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path.canonicalize().unwrap())
    }

    /// A workspace as `frontdesk new` writes it.
    pub fn with_new_workspace() -> Self {
        let folder = Self::new();
        let done = run(&["new", folder.path().join("shop").to_str().unwrap()]);
        assert_eq!(done.code, 0, "{done:?}");
        folder
    }

    /// A copy of Harbor, since commands write generated types into a workspace.
    pub fn with_harbor() -> Self {
        let folder = Self::new();
        let harbor = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/harbor");
        copy(&harbor, &folder.path().join("shop"));
        folder
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The workspace in it.
    pub fn shop(&self) -> PathBuf {
        self.0.join("shop")
    }

    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.0.join(path)).unwrap()
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// A file with a piece of it replaced.
    pub fn replace(&self, path: &str, old: &str, new: &str) {
        let text = self.read(path);
        assert!(text.contains(old), "{path} has `{old}`");
        self.write(path, &text.replace(old, new));
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A folder with everything in it, but for hidden files and programs of services.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        // Its services' own program stands beside their schemas.
        let is_program = from.join("Cargo.toml").exists();
        if name.to_string_lossy().starts_with('.')
            || (is_program && ["src", "tests", "Cargo.toml"].iter().any(|skip| name == *skip))
        {
            continue;
        }
        if entry.path().is_dir() {
            copy(&entry.path(), &to.join(name));
        } else {
            std::fs::copy(entry.path(), to.join(name)).unwrap();
        }
    }
}

fn frontdesk(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_frontdesk"));
    command.args(arguments).env_remove("FRONTDESK_ENV").env_remove("NO_COLOR").stdin(Stdio::null());
    command
}

/// The same command, of a shell that says something first.
fn after(before: &str, plain: &Command) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{before}; exec \"$0\" \"$@\"")]).arg(plain.get_program());
    command.args(plain.get_args()).env_remove("FRONTDESK_ENV").env_remove("NO_COLOR").stdin(Stdio::null());
    command
}

#[derive(Debug)]
pub struct Done {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Done {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Runs to the end.
pub fn run(arguments: &[&str]) -> Done {
    let output = frontdesk(arguments).output().unwrap();
    Done {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs to the end in a workspace.
pub fn run_in(shop: &Path, arguments: &[&str]) -> Done {
    run(&[&["-C", shop.to_str().unwrap()], arguments].concat())
}

/// The same, with variables in its environment.
pub fn run_in_with(shop: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Done {
    let arguments = [&["-C", shop.to_str().unwrap()], arguments].concat();
    let output = frontdesk(&arguments).envs(variables.iter().copied()).output().unwrap();
    Done {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A program that serves.
pub struct Running {
    child: Child,
    out: Arc<Mutex<String>>,
    err: Arc<Mutex<String>>,
    /// Where its first BFF and the admin listener are.
    pub address: String,
    pub admin: String,
    /// Where each BFF is.
    pub bffs: BTreeMap<String, String>,
}

impl Running {
    /// Starts in a workspace and waits until it says where it listens.
    pub fn start(shop: &Path, arguments: &[&str]) -> Self {
        Self::start_with(shop, arguments, &[])
    }

    /// The same, with variables in its environment.
    pub fn start_with(shop: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let all = [&["-C", shop.to_str().unwrap()], arguments].concat();
        let mut command = frontdesk(&all);
        command.envs(variables.iter().copied());
        Self::spawn(command)
    }

    /// The same, where a shell has said `before`: limits and signals that the program inherits.
    pub fn start_after(before: &str, shop: &Path, arguments: &[&str]) -> Self {
        let all = [&["-C", shop.to_str().unwrap()], arguments].concat();
        Self::spawn(after(before, &frontdesk(&all)))
    }

    /// The same with what it says sent elsewhere, so that it is known beforehand where it listens.
    pub fn start_silent(before: &str, shop: &Path, arguments: &[&str], address: &str) -> Self {
        let all = [&["-C", shop.to_str().unwrap()], arguments].concat();
        let mut running = Self::begin(after(before, &frontdesk(&all)));
        address.clone_into(&mut running.address);
        running
    }

    fn begin(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let out = gather(child.stdout.take().unwrap());
        let err = gather(child.stderr.take().unwrap());
        Self { child, out, err, address: String::new(), admin: String::new(), bffs: BTreeMap::new() }
    }

    fn spawn(command: Command) -> Self {
        let mut running = Self::begin(command);
        let line = running.wait_for("where it listens", |running| {
            assert!(running.child_runs(), "ended: {}", running.err());
            running.out.lock().unwrap().lines().next().map(str::to_owned)
        });
        let said: serde_json::Value = serde_json::from_str(&line).expect(&line);
        let address = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let bffs = said["bffs"].as_object().unwrap();
        running.bffs = bffs.iter().map(|(name, value)| (name.clone(), address(value))).collect();
        running.address = running.bffs.values().next().unwrap().clone();
        running.admin = address(&said["admin"]);
        running
    }

    fn child_runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    pub fn wait_for<T>(&mut self, what: &str, mut look: impl FnMut(&mut Self) -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            if let Some(seen) = look(self) {
                return seen;
            }
            assert!(start.elapsed() < PATIENCE, "not after {PATIENCE:?}: {what}; it said:\n{}", self.err());
            std::thread::sleep(Duration::from_millis(15));
        }
    }

    /// Waits until a `GET` gives a body that is `right`.
    pub fn wait_until_answer(&mut self, path: &str, right: impl Fn(&str) -> bool) {
        let address = self.address.clone();
        self.wait_for(&format!("the right answer of {path}"), |_| {
            right(&get(&address, path).1).then_some(())
        });
    }

    /// Everything it has said to people.
    pub fn err(&self) -> String {
        self.err.lock().unwrap().clone()
    }

    pub fn wait_until_said(&mut self, text: &str) {
        self.wait_for(&format!("`{text}`"), |running| running.err().contains(text).then_some(()));
    }

    pub fn out(&self) -> String {
        self.out.lock().unwrap().clone()
    }

    /// KiB of memory that it has now (`VmRSS`), or had at most (`VmHWM`).
    pub fn memory(&self, which: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(which)).expect(which);
        line.split_ascii_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// Sends `TERM`, `HUP`, `INT` or `KILL`.
    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    }

    /// The exit code, once it has ended.
    pub fn ends(&mut self) -> i32 {
        self.wait_for("its end", |running| running.child.try_wait().unwrap()).code().unwrap_or(-1)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn gather(stream: impl Read + Send + 'static) -> Arc<Mutex<String>> {
    let gathered = Arc::new(Mutex::new(String::new()));
    let into = gathered.clone();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines() {
            let Ok(line) = line else { return };
            let mut text = into.lock().unwrap();
            text.push_str(&line);
            text.push('\n');
        }
    });
    gathered
}

/// Status, and headers with body as text, of one `GET`.
pub fn get(address: &str, path: &str) -> (u16, String) {
    let Ok(mut stream) = TcpStream::connect(address) else { return (0, String::new()) };
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    let mut answer = String::new();
    if stream.write_all(request.as_bytes()).is_err() || stream.read_to_string(&mut answer).is_err() {
        return (0, String::new());
    }
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    (status, answer)
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
