import type { Command } from 'commander'
import { addAccount } from './account.ts'
import { addExport } from './export.ts'
import type { Host } from './host.ts'
import { addImport } from './import.ts'
import { addKey } from './key.ts'
import { addQuarantine } from './quarantine.ts'
import { addReclassify } from './reclassify.ts'
import { addSource } from './source.ts'

/** The commands that work on an opened data folder, and so can run in the process that serves it. */
export function addFolderCommands(program: Command, host: Host): void {
  for (const add of [addImport, addExport, addAccount, addKey, addSource, addQuarantine, addReclassify])
    add(program, host)
}
