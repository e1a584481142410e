import { runCommandLine } from './cli/command-line.ts'
import { addCommands } from './cli/commands.ts'
import { EXIT } from './cli/exit.ts'
import { LocalHost } from './cli/local-host.ts'
import { Terminal } from './cli/terminal.ts'

const argv = process.argv.slice(2)
const terminal = new Terminal()
const host = new LocalHost({ terminal, argv, environment: process.env })

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    // The first ends what runs in good order, the second at once.
    if (terminal.signal.aborted) process.exit(EXIT.interrupted)
    terminal.interrupt()
  })

const code = await runCommandLine(argv, {
  console: terminal,
  add: (program) => addCommands(program, { host, terminal }),
  exitCode: () => host.exitCode,
})
process.exit(code)
