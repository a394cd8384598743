//! Figures to keep: as JSON with the machine that they were measured on, as plots, and as tables in the documentation.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;
use eventify_core::{Clock, SystemClock};
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::figure::Report;

/// Between these lines the documentation is made from figures.
const BEGIN: &str = "<!-- figures: made by `eventify-bench document` -->";
const END: &str = "<!-- end of figures -->";

/// Makes the tables and plots of the documentation from figures that were kept.
#[derive(Debug, Args)]
pub(crate) struct Make {
    /// What `--json` wrote.
    #[arg(default_value = "docs/performance/figures.json")]
    figures: PathBuf,
    /// The page whose figures are replaced; plots lie beside the JSON.
    #[arg(long, default_value = "docs/performance.md")]
    page: PathBuf,
}

/// What was measured, where, and how.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Document {
    machine: Machine,
    pub(crate) reports: Vec<Report>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Machine {
    processor: String,
    cores: usize,
    memory_gib: u64,
    system: String,
    begun: String,
    command: String,
    commit: String,
    /// Processes that wanted a core when it began, apart from this one: of a quiet machine less than a tenth.
    load_at_begin: String,
}

impl Document {
    pub(crate) fn begin() -> Self {
        Self { machine: Machine::here(), reports: Vec::new() }
    }

    pub(crate) fn passed(&self) -> bool {
        self.reports.iter().all(Report::passed)
    }

    /// Writes the JSON, and the plots beside it.
    pub(crate) fn save(&self, file: &Path) -> Result {
        let folder = file.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        std::fs::write(file, text)?;
        for plot in self.reports.iter().flat_map(|report| &report.plots) {
            std::fs::write(folder.join(&plot.file), plot.svg())?;
        }
        Ok(())
    }

    /// The tables, with plots in a folder of that name.
    fn page(&self, folder: &str) -> String {
        let Machine { processor, cores, memory_gib, system, begun, command, commit, load_at_begin } =
            &self.machine;
        let mut text = format!(
            "{cores} cores of {processor}, {memory_gib} GiB, {system}. Begun {begun} at commit {commit} \
             with `{command}`; load before it began: {load_at_begin}.\n\n"
        );
        for report in &self.reports {
            // One heading lower than by itself, and plots where they lie.
            let _ = write!(text, "#{}", report.to_string().replace("](", &format!("]({folder}")));
        }
        text
    }
}

/// Replaces the figures of a page.
pub(crate) fn write(of: &Make) -> Result {
    let document: Document = serde_json::from_slice(&std::fs::read(&of.figures)?)?;
    document.save(&of.figures)?;
    let folder = of.figures.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    let page = std::fs::read_to_string(&of.page)?;
    let (head, rest) = page.split_once(BEGIN).ok_or("the page has no place for figures")?;
    let (_, tail) = rest.split_once(END).ok_or("the page's figures have no end")?;
    let figures = document.page(&format!("{folder}/"));
    std::fs::write(&of.page, format!("{head}{BEGIN}\n\n{figures}{END}{tail}"))?;
    Ok(())
}

impl Machine {
    fn here() -> Self {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let field = |text: &str, name: &str| {
            let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
            line.split_once(':').map_or("unknown", |(_, value)| value.trim()).to_owned()
        };
        let memory = field(&read("/proc/meminfo"), "MemTotal");
        let kib: u64 = memory.trim_end_matches(" kB").parse().unwrap_or(0);
        let kernel = read("/proc/sys/kernel/osrelease");
        let load = read("/proc/loadavg").split(' ').take(3).collect::<Vec<_>>().join(" ");
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        Self {
            processor: field(&read("/proc/cpuinfo"), "model name"),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_gib: (kib + 512 * 1_024) / (1_024 * 1_024),
            system: format!("Linux {}", kernel.split('-').next().unwrap_or_default().trim()),
            begun: SystemClock.now().to_string(),
            command: format!("cargo run --release -p eventify-bench -- {}", arguments.join(" ")),
            commit: commit().unwrap_or_else(|| "unknown".to_owned()),
            load_at_begin: load,
        }
    }
}

fn commit() -> Option<String> {
    let git = |arguments: &[&str]| {
        let told =
            Command::new("git").args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().ok()?;
        told.status.success().then(|| String::from_utf8_lossy(&told.stdout).trim().to_owned())
    };
    let changed = git(&["status", "--porcelain", "--untracked-files=no"])?;
    let commit = git(&["rev-parse", "--short=12", "HEAD"])?;
    Some(if changed.is_empty() { commit } else { format!("{commit} with changes") })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::figure::Figure;

    #[test]
    fn a_page_gets_the_figures_that_were_kept_and_keeps_its_own_words() {
        let dir = tempfile::tempdir().unwrap();
        let figures = dir.path().join("performance/figures.json");
        let page = dir.path().join("performance.md");
        let mut document = Document::begin();
        let mut report = Report::new("The door");
        report.figures.push(Figure::once("check-in", "check-ins/s", 21_000.0));
        report.at_least("check-ins a second", 21_000.0, 20_000.0);
        document.reports.push(report);
        document.save(&figures).unwrap();
        std::fs::write(&page, format!("before\n{BEGIN}\nold\n{END}\nafter\n")).unwrap();
        let make = Make { figures, page: page.clone() };
        write(&make).unwrap();
        let once = std::fs::read_to_string(&page).unwrap();
        assert!(
            once.starts_with("before\n") && once.ends_with("\nafter\n") && !once.contains("old"),
            "{once}"
        );
        assert!(
            once.contains("### The door\n")
                && once.contains("| check-ins a second | 21000 | ≥ 20000 | passed |")
        );
        write(&make).unwrap();
        assert_eq!(std::fs::read_to_string(&page).unwrap(), once, "made again it is the same");
    }
}
