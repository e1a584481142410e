import { Command, CommanderError } from 'commander'
import { ConfigError } from '../config/config.ts'
import { FaultError } from '../dialect/fault.ts'
import { wireName } from '../record/wire.ts'
import { DirectoryRefusal } from '../store/directory-refusal.ts'
import { NewerDirectoryError } from '../store/sqlite/directory/directory-file.ts'
import { NewerSchemaError } from '../store/sqlite/folder/folder.ts'
import { UnusableFolderError } from '../store/sqlite/folder/folder-check.ts'
import { type Console, OutputClosedError } from './console.ts'
import { CommandError, EXIT } from './exit.ts'
import { VERSION } from './version.ts'

const DESCRIPTION = `Self-hosted server for call records: takes them in from any SIP switch, PBX or contact centre, and
answers over the wire APIs that integrations already use.`

const EXIT_CODES = `
Exit codes: 0 done; 1 failed; 2 the command line or the configuration cannot be used; 3 done, but some records were
refused; 4 the data folder is in use and takes no commands; 130 interrupted. docs/cli.md says more.`

/** Reads and runs one command line; what goes wrong is said on the console. Resolves with the exit code. */
export async function runCommandLine(
  argv: readonly string[],
  given: { console: Console; add: (program: Command) => void; exitCode: () => number },
): Promise<number> {
  const { console, add, exitCode } = given
  const written: Promise<void>[] = []
  const program = new Command('calltrail')
    .description(DESCRIPTION)
    .version(VERSION, '-V, --version', 'print the version')
    .addHelpText('after', EXIT_CODES)
    .showHelpAfterError('(add --help for help)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => written.push(console.out(text)),
      writeErr: (text) => console.say(text.trimEnd()),
    })
  add(program)
  try {
    await program.parseAsync(argv as string[], { from: 'user' })
    return exitCode()
  } catch (error) {
    await Promise.allSettled(written)
    const { code, message } = explain(error, console.signal)
    if (message !== null) console.say(`calltrail: ${message}`)
    return code
  }
}

/** The exit code for whatever a command threw, and what to say of it. */
function explain(error: unknown, signal: AbortSignal): { code: number; message: string | null } {
  if (error instanceof OutputClosedError) return { code: EXIT.done, message: null }
  // Commander has said what is wrong, or has shown the help that was asked for.
  if (error instanceof CommanderError) return { code: error.exitCode === 0 ? EXIT.done : EXIT.usage, message: null }
  if (error instanceof CommandError) return { code: error.exitCode, message: error.message }
  if (error instanceof ConfigError) return { code: EXIT.usage, message: error.message }
  if (error instanceof DirectoryRefusal) return { code: EXIT.usage, message: `${wireName(error.field)}: ${error.why}` }
  if (error instanceof FaultError) return explainFault(error)
  if (signal.aborted) return { code: EXIT.interrupted, message: 'interrupted' }
  if (error instanceof NewerSchemaError || error instanceof NewerDirectoryError || error instanceof UnusableFolderError)
    return { code: EXIT.failed, message: error.message }
  const { code, message, stack } = error as NodeJS.ErrnoException
  return { code: EXIT.failed, message: code === undefined ? (stack ?? String(error)) : message }
}

function explainFault({ fault, message }: FaultError): { code: number; message: string } {
  if (fault.code === 'bad_request' || fault.code === 'conflict')
    return { code: EXIT.usage, message: `${fault.field}: ${fault.why}` }
  return { code: EXIT.failed, message }
}
