import type { Command } from 'commander'
import { addAccount } from './account.ts'
import { addBackup } from './backup.ts'
import { addErase } from './erase.ts'
import { addExport } from './export.ts'
import type { Host } from './host.ts'
import { addImport } from './import.ts'
import { addKey } from './key.ts'
import { addQuarantine } from './quarantine.ts'
import { addReclassify } from './reclassify.ts'
import { addRetention } from './retention.ts'
import { addSource } from './source.ts'

/** The commands that work on an opened data folder, and so can run in the process that serves it. */
export function addFolderCommands(program: Command, host: Host): void {
  for (const add of [
    addImport,
    addExport,
    addAccount,
    addKey,
    addSource,
    addQuarantine,
    addReclassify,
    addErase,
    addRetention,
    addBackup,
  ])
    add(program, host)
}
