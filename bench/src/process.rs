//! Servers under measurement: started on a core of their own, read through `/proc`, stopped by their handle.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

/// A process that ends with this value.
pub struct Server {
    child: Child,
    pub name: String,
    pub port: u16,
}

impl Server {
    /// Starts `command` on `core` and waits until `port` is listened on.
    pub fn start(name: &str, port: u16, core: Option<usize>, command: &[&str]) -> anyhow::Result<Self> {
        let mut words: Vec<String> = match core {
            Some(core) => vec!["taskset".into(), "-c".into(), core.to_string()],
            None => Vec::new(),
        };
        words.extend(command.iter().map(|word| (*word).to_owned()));
        let child = Command::new(&words[0])
            .args(&words[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .with_context(|| format!("cannot start {name}: {}", words.join(" ")))?;
        let mut server = Self { child, name: name.to_owned(), port };
        server.wait_until_ready(Duration::from_secs(120))?;
        Ok(server)
    }

    /// Takes over a process that is ready, for as long as this value lives.
    pub fn adopt(name: &str, child: Child) -> Self {
        Self { child, name: name.to_owned(), port: 0 }
    }

    fn wait_until_ready(&mut self, patience: Duration) -> anyhow::Result<()> {
        let end = Instant::now() + patience;
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended before it listened: {status}", self.name);
            }
            if Instant::now() > end {
                bail!("{} does not listen on port {}", self.name, self.port);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// User and system time so far, of the process and those it started that still run.
    pub fn cpu(&self) -> anyhow::Result<Cpu> {
        let mut all = Cpu { user_us: 0.0, kernel_us: 0.0 };
        for process in family(self.child.id()) {
            let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
            // After the command's name in brackets: state is field 3, utime 14, stime 15, in ticks of 10 ms.
            let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
            let ticks = |at: usize| -> anyhow::Result<f64> {
                Ok(fields.get(at).context("no such field in /proc/…/stat")?.parse::<f64>()? * 10_000.0)
            };
            all.user_us += ticks(11)?;
            all.kernel_us += ticks(12)?;
        }
        Ok(all)
    }

    /// The most memory that each of its processes ever held, in MiB.
    pub fn peak_mib(&self) -> anyhow::Result<f64> {
        let mut all = 0.0;
        for process in family(self.child.id()) {
            let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
            let line = status.lines().find(|line| line.starts_with("VmHWM:")).context("no VmHWM")?;
            let kib: f64 = line.split_whitespace().nth(1).context("no VmHWM")?.parse()?;
            all += kib / 1024.0;
        }
        Ok(all)
    }

    /// Asks it to end, and waits: what it writes at its end is complete afterwards.
    pub fn stop(mut self) -> anyhow::Result<()> {
        terminate(&self.child)?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks it to end, so that it ends those it started first; after a while it is made to.
    fn end(&mut self) {
        let end = Instant::now() + Duration::from_secs(5);
        if terminate(&self.child).is_ok() {
            while Instant::now() < end {
                match self.child.try_wait() {
                    Ok(None) => std::thread::sleep(Duration::from_millis(10)),
                    Ok(Some(_)) | Err(_) => return,
                }
            }
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            self.end();
        }
    }
}

/// The process and all that descend from it.
fn family(process: u32) -> Vec<u32> {
    let children = std::fs::read_to_string(format!("/proc/{process}/task/{process}/children"));
    let children = children.unwrap_or_default();
    let descendants = children.split_whitespace().filter_map(|id| id.parse().ok()).flat_map(family);
    std::iter::once(process).chain(descendants).collect()
}

fn terminate(child: &Child) -> anyhow::Result<()> {
    let status = Command::new("kill").arg("-TERM").arg(child.id().to_string()).status()?;
    if !status.success() {
        bail!("cannot end process {}", child.id());
    }
    Ok(())
}

#[derive(Clone, Copy, Debug)]
pub struct Cpu {
    pub user_us: f64,
    pub kernel_us: f64,
}

impl Cpu {
    pub fn since(self, before: Self) -> Self {
        Self { user_us: self.user_us - before.user_us, kernel_us: self.kernel_us - before.kernel_us }
    }

    pub fn total_us(self) -> f64 {
        self.user_us + self.kernel_us
    }
}

/// A port that was free a moment ago.
pub fn free_port() -> anyhow::Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// `path` as an argument.
pub fn word(path: &Path) -> anyhow::Result<&str> {
    path.to_str().context("a path that is not UTF-8")
}
