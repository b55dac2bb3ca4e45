//! What the kernel knows about this process: memory, CPU time, load.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::Result;

/// Ticks of `/proc/self/stat` in a second: `USER_HZ`, 100 on every Linux platform of today.
const TICKS_PER_SECOND: u64 = 100;

/// A line of `/proc/self/status` in KiB, such as `VmRSS` (resident now) or `VmHWM` (its peak).
pub(crate) fn memory_kib(key: &str) -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    status
        .lines()
        .find_map(|line| {
            line.strip_prefix(key)?
                .strip_prefix(':')?
                .split_whitespace()
                .next()?
                .parse()
                .ok()
        })
        .ok_or_else(|| format!("/proc/self/status has no {key}").into())
}

/// Restarts `VmHWM` at the memory resident now. False where the kernel does not allow it.
pub(crate) fn reset_peak() -> bool {
    fs::write("/proc/self/clear_refs", "5").is_ok()
}

/// User and system time of all threads so far, in steps of 10 ms.
pub(crate) fn cpu_time() -> Result<Duration> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The second field, the program's name, may hold spaces; utime and stime are the 12th and 13th after it.
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks: u64 = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(str::parse::<u64>)
        .sum::<Result<_, _>>()?;
    Ok(Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND))
}

/// The machine's one-minute load average.
pub(crate) fn load_average() -> Result<f64> {
    let text = fs::read_to_string("/proc/loadavg")?;
    Ok(text.split_whitespace().next().unwrap_or_default().parse()?)
}

/// The processor's name, empty if unknown.
pub(crate) fn cpu_name() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = text
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    name.map_or_else(String::new, |(_, name)| name.trim().to_owned())
}

/// Reads `path` through once, so that the file cache is warm.
pub(crate) fn warm(path: &Path) -> Result<()> {
    let mut file = fs::File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
    std::io::copy(&mut file, &mut std::io::sink())?;
    Ok(())
}
