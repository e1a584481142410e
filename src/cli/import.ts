import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { FILE_FORMATS, type FileFormat } from '../ingest/file/sniff.ts'
import { EXIT, wrongUsage } from './exit.ts'
import { type At, addCommand, answer, type CommonOptions, type Host } from './host.ts'
import { ImportJournal } from './import/import-journal.ts'
import { ImportRun } from './import/import-run.ts'
import { importSummary } from './import/import-summary.ts'
import { inputFiles } from './import/input-files.ts'
import { Targets } from './import/targets.ts'

interface ImportOptions extends CommonOptions {
  format?: FileFormat
  source?: string
  account?: string
  timeZone?: string
  restart?: boolean
}

const HELP = `
Files may be packed with gzip or zstd. Of a folder, every .json, .ndjson, .jsonl and .csv in it is taken. A file that is
imported again changes nothing: its records are duplicates. An import that was interrupted goes on where it was when
it is run again. What cannot be read is kept in the quarantine with its file and line (calltrail quarantine list).`

/** `calltrail import`: calls out of files. */
export function addImport(program: Command, host: Host): void {
  addCommand(program, 'import <files...>', 'take calls in from files, folders of files, or - for NDJSON on stdin')
    .option('--format <format>', `${FILE_FORMATS.join(', ')} (default: what each file shows)`, readFormat)
    .option('--source <name>', 'the source that they are of; made when there is none (default: by format)')
    .option('--account <id>', 'the account of a new source (default: the only one)')
    .option('--time-zone <zone>', 'zone of times that a new source writes without one (default: UTC)')
    .option('--restart', 'begin anew where an earlier import was interrupted')
    .addHelpText('after', HELP)
    .action((names: string[], options: ImportOptions) => {
      const usesInput = names.includes('-')
      if (usesInput && names.length > 1) throw wrongUsage('- stands alone')
      if (usesInput && options.format !== undefined && options.format !== 'native-ndjson')
        throw wrongUsage('standard input is read as native-ndjson only')
      // Before a folder is made for them.
      for (const path of usesInput ? [] : names.map((name) => resolve(host.cwd, name)))
        if (!existsSync(path)) throw wrongUsage(`there is no ${path}`)
      return host.onFolder(options, { creates: true, stdin: usesInput }, (at) => importCalls(at, names, options))
    })
}

/** `asterisk` for `asterisk-csv`: the beginning of a format's name is enough. */
function readFormat(text: string): FileFormat {
  const format = FILE_FORMATS.find((name) => name === text || name.split('-')[0] === text)
  if (format === undefined) throw new InvalidArgumentError(`must be one of ${FILE_FORMATS.join(', ')}`)
  return format
}

async function importCalls(at: At, names: readonly string[], options: ImportOptions): Promise<number> {
  const { calltrail, console, folder, cwd } = at
  const startMs = performance.now()
  const usesInput = names[0] === '-'
  const files = usesInput ? [] : await inputFiles(names, cwd)
  const journal = usesInput ? null : new ImportJournal(folder)
  const run = new ImportRun({
    pipeline: calltrail.pipeline,
    targets: new Targets({ calltrail, options, say: (line) => console.say(line) }),
    journal,
    resumes: options.restart !== true,
    signal: console.signal,
    progress: (state) => console.progress(state),
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
  })
  try {
    if (usesInput) await run.input(console.stdin())
    else await run.files(files, options.format ?? null)
    if (!console.signal.aborted) run.forget()
  } finally {
    journal?.close()
    console.progress(null)
  }
  const seconds = Math.round(performance.now() - startMs) / 1000
  const interrupted = console.signal.aborted
  await answer(at, importSummary({ run, files: usesInput ? 1 : files.length, seconds, interrupted }))
  if (interrupted) return EXIT.interrupted
  return run.tally.refused > 0 || run.incomplete.length > 0 ? EXIT.refused : EXIT.done
}
