import { resolve } from 'node:path'
import type { Command } from 'commander'
import { NoBackupError } from '../store/sqlite/backup/backup-manifest.ts'
import { verifyBackup } from '../store/sqlite/backup/backup-verify.ts'
import type { Finding } from '../store/sqlite/doctor/doctor-finding.ts'
import { bytesText } from './bytes-text.ts'
import { chosenBackup } from './chosen-backup.ts'
import { CommandError, EXIT } from './exit.ts'
import { findingLines, tally } from './finding-lines.ts'
import { addCommand, answer, type CommonOptions } from './host.ts'
import type { LocalHost } from './local-host.ts'
import type { Terminal } from './terminal.ts'

const HELP = `
BACKUP is a backup, or a folder with backups, of which the last is taken. Every file is read and nothing is written. Exit
code 1: something is wrong with it, and the output says what.`

/** `calltrail verify`: whether a backup is whole. */
export function addVerify(program: Command, { host, terminal }: { host: LocalHost; terminal: Terminal }): void {
  addCommand(program, 'verify <backup>', 'check that a backup is whole and undamaged')
    .option('--full', 'also check the indexes of every database against its rows')
    .addHelpText('after', HELP)
    .action(async (path: string, options: CommonOptions & { full?: boolean }) => {
      // The checks are SQLite's and hear no signal handler; there is nothing to be left in good order.
      for (const signal of ['SIGINT', 'SIGTERM']) process.removeAllListeners(signal)
      const json = options.json === true
      const backup = found(resolve(host.cwd, path))
      const findings: Finding[] = []
      const onProgress = ({ doneBytes: done, totalBytes: total }: { doneBytes: number; totalBytes: number }) =>
        terminal.progress({ done, total, note: `${bytesText(done)} of ${bytesText(total)}` })
      for (const finding of verifyBackup(backup, { full: options.full === true, onProgress })) {
        findings.push(finding)
        if (!json) await terminal.out(findingLines(finding))
      }
      terminal.progress(null)
      const { problems, warnings, text } = tally(findings)
      await answer({ json, console: terminal }, { json: { backup, problems, warnings, findings }, text })
      host.exitCode = problems === 0 ? EXIT.done : EXIT.failed
    })
}

function found(path: string): string {
  try {
    return chosenBackup(path)
  } catch (error) {
    if (error instanceof NoBackupError) throw new CommandError(EXIT.failed, error.message)
    throw error
  }
}
