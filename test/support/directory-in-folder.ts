import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Account, type AccountSettings, defaultSettings } from '../../src/record/account.ts'
import type { Directory } from '../../src/store/directory.ts'
import { DirectoryRefusal } from '../../src/store/directory-refusal.ts'
import { openSqliteDirectory } from '../../src/store/sqlite/directory/directory.ts'

export const ALICE = 'MA2025RK4E639VJFZAGV'

/** A real directory in a folder of its own, at 2024-01-15T14:28:48Z until `nowUs` is moved. */
export class DirectoryInFolder {
  readonly folder = mkdtempSync(join(tmpdir(), 'calltrail-directory-'))
  readonly path = join(this.folder, 'meta.db')
  nowUs = 1_705_328_928_000_000
  directory: Directory = this.open()

  open(): Directory {
    return openSqliteDirectory({ path: this.path, now: () => this.nowUs })
  }

  reopen(): void {
    this.directory.close()
    this.directory = this.open()
  }

  remove(): void {
    this.directory.close()
    rmSync(this.folder, { recursive: true })
  }

  addAccount(id: string, settings: Partial<AccountSettings> = {}): Account {
    return this.directory.createAccount({ id, settings: { ...defaultSettings('Alice'), ...settings } })
  }
}

/** Whether an error is a directory's refusal that names this field. */
export function refusal(reason: DirectoryRefusal['reason'], field: string): (error: unknown) => boolean {
  return (error) => error instanceof DirectoryRefusal && error.reason === reason && error.field === field
}
