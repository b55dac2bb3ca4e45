//! A task in a process of its own.

use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::record::Outcome;
use crate::task::Task;
use crate::{Args, Result};

/// How often the child is looked at.
const POLL: Duration = Duration::from_millis(20);

/// Runs `task` in a child and says how it ended.
pub(crate) fn spawn(task: Task, args: &Args) -> Result<Outcome> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(["--child", &task.to_string()])
        .arg("--data")
        .arg(&args.data)
        .args(["--repeat", &args.repeat.to_string()])
        .args(["--budget", &args.budget.to_string()])
        .env("RAYON_NUM_THREADS", args.threads.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let Some(status) = wait(&mut child, Duration::try_from_secs_f64(args.timeout)?)? else {
        return Ok(Outcome::Timeout {
            timeout_s: args.timeout,
        });
    };
    if !status.success() {
        let text = text(child.stderr.take())?;
        let error = text
            .lines()
            .last()
            .map_or_else(|| status.to_string(), str::to_owned);
        return Ok(Outcome::Error { error });
    }
    Ok(Outcome::Ok(serde_json::from_str(&text(
        child.stdout.take(),
    )?)?))
}

/// The exit status, or `None` if the child had to be stopped. What it writes must fit into a pipe (64 KiB).
fn wait(child: &mut Child, timeout: Duration) -> Result<Option<ExitStatus>> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if start.elapsed() >= timeout {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(POLL);
    }
}

fn text(pipe: Option<impl Read>) -> Result<String> {
    let mut text = String::new();
    if let Some(mut pipe) = pipe {
        pipe.read_to_string(&mut text)?;
    }
    Ok(text)
}
