import type { Command } from 'commander'
import { addBench } from './bench.ts'
import { addDemo } from './demo.ts'
import { addDoctor } from './doctor.ts'
import { addFolderCommands } from './folder-commands.ts'
import type { LocalHost } from './local-host.ts'
import { addRestore } from './restore.ts'
import { addServe } from './serve-command.ts'
import type { Terminal } from './terminal.ts'
import { addVerify } from './verify.ts'

/** Every command there is. */
export function addCommands(program: Command, given: { host: LocalHost; terminal: Terminal }): void {
  addServe(program, given)
  addDemo(program, given)
  addFolderCommands(program, given.host)
  addRestore(program, given)
  addVerify(program, given)
  addDoctor(program, given)
  addBench(program, given)
}
