import { resolve } from 'node:path'
import type { Command } from 'commander'
import { NoBackupError } from '../store/sqlite/backup/backup-manifest.ts'
import { NotEmptyError, type Restored, restoreBackup } from '../store/sqlite/backup/backup-restore.ts'
import { NotReplaceableError, type RestoredFile, restoreFile } from '../store/sqlite/backup/backup-restore-file.ts'
import { FolderLockedError } from '../store/sqlite/folder/folder.ts'
import { bytesText } from './bytes-text.ts'
import { chosenBackup, mayNotRead } from './chosen-backup.ts'
import { CommandError, EXIT, wrongUsage } from './exit.ts'
import { foreignFolderWarning } from './foreign-folder.ts'
import { addCommand, answer, type CommonOptions } from './host.ts'
import { configFor, type LocalHost } from './local-host.ts'
import { makingNotice } from './making-notice.ts'
import { grouped } from './table.ts'
import type { Terminal } from './terminal.ts'

const HELP = `
SOURCE is a backup, or a folder with backups, of which the last is taken. The folder that is restored into must be new or
empty; every file is checked on the way. Stop the server of a damaged folder and move the folder away first.
  calltrail restore /mnt/backups --into /var/lib/calltrail
docs/backup.md says what clients that follow the changes have to know.`

/** `calltrail restore`: a data folder out of a backup. */
export function addRestore(program: Command, { host, terminal }: { host: LocalHost; terminal: Terminal }): void {
  addCommand(program, 'restore <source>', 'make a data folder out of a backup')
    .option('--into <folder>', 'where to (default: the data folder)')
    .option('--file <name>', 'put only this file back, into a folder that nobody serves: segments/000003.db')
    .addHelpText('after', HELP)
    .action(async (given: string, options: CommonOptions & { into?: string; file?: string }) => {
      const into = resolve(host.cwd, options.into ?? configFor(options, host.environment).data)
      const source = resolve(host.cwd, given)
      host.exitCode = EXIT.done
      const warning = foreignFolderWarning(into)
      if (warning !== null) terminal.say(warning)
      if (options.file !== undefined) {
        const name = options.file
        const restored = await explained(() => restoreFile(chosenBackup(source), { name, into }))
        const { takenAt, bytes, kept, twice } = restored
        const json = { folder: into, file: name, taken_at: takenAt, bytes, kept, twice }
        await answer({ json: options.json === true, console: terminal }, { json, text: fileText(name, restored) })
        return
      }
      const restored = await restore(source, { into, terminal })
      const { takenAt, files, bytes, changes } = restored
      const json = { folder: into, taken_at: takenAt, files, bytes, changes }
      await answer({ json: options.json === true, console: terminal }, { json, text: asText(into, restored) })
    })
}

async function restore(source: string, { into, terminal }: { into: string; terminal: Terminal }): Promise<Restored> {
  try {
    return await explained(() => {
      const backup = chosenBackup(source)
      const making = makingNotice(into)
      if (making !== null) terminal.say(making)
      return restoreBackup(backup, {
        into,
        signal: terminal.signal,
        onProgress: ({ doneBytes: done, totalBytes: total }) =>
          terminal.progress({ done, total, note: `${bytesText(done)} of ${bytesText(total)}` }),
      })
    })
  } finally {
    terminal.progress(null)
  }
}

async function explained<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof NotEmptyError || error instanceof NotReplaceableError) throw wrongUsage(error.message)
    if (error instanceof NoBackupError) throw new CommandError(EXIT.failed, error.message)
    if (error instanceof FolderLockedError) throw new CommandError(EXIT.inUse, error.message)
    throw mayNotRead(error)
  }
}

function fileText(name: string, { takenAt, bytes, kept, twice }: RestoredFile): string {
  const lines = [`${name} is as it was at ${takenAt} (${bytesText(bytes)}); what was written to it since is not in it`]
  if (kept !== null) lines.push(`what lay there is now ${kept}`)
  if (twice > 0)
    lines.push(`${grouped(twice)} calls lie in another segment too; the next start keeps the later state of each`)
  lines.push('calltrail doctor --full says what is missing now')
  return lines.map((line) => `${line}\n`).join('')
}

function asText(into: string, { takenAt, files, bytes, changes }: Restored): string {
  return `${into} is as it was at ${takenAt}: ${files} files, ${bytesText(bytes)}
Its last change is ${grouped(changes.last)}; the next will be ${grouped(changes.next)} or above.
`
}
