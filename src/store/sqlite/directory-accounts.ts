import { randomInt } from 'node:crypto'
import { ACCOUNT_ID, type Account, type AccountSettings, defaultSettings } from '../../record/account.ts'
import type { Directory } from '../directory.ts'
import { invalid, taken } from '../directory-refusal.ts'
import { checkSettings } from '../settings-check.ts'
import type { DirectoryFile } from './directory-file.ts'
import { frozen } from './frozen.ts'

const ID_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

type Accounts = Pick<Directory, 'accounts' | 'account' | 'createAccount' | 'updateSettings'>

/** The accounts, held in memory in order of creation. */
export function accountTable({ db, change }: DirectoryFile, now: () => number): Accounts {
  const held = new Map<string, Account>()
  for (const row of db.prepare('SELECT * FROM accounts ORDER BY created_at_us, id').iterate()) {
    const account = readAccount(row as unknown as AccountRow)
    held.set(account.id, account)
  }
  const insert = db.prepare('INSERT INTO accounts (id, settings, created_at_us) VALUES (?, ?, ?)')
  const update = db.prepare('UPDATE accounts SET settings = ? WHERE id = ?')
  return {
    accounts: () => [...held.values()],
    account: (id) => held.get(id) ?? null,
    createAccount({ id = newAccountId(), settings }) {
      checkSettings(settings)
      if (!ACCOUNT_ID.test(id)) throw invalid('accountId', 'must be MA and 18 of A-Z and 0-9')
      if (held.has(id)) throw taken('accountId', 'is an account already')
      const account = frozen({ id, settings: structuredClone(settings), createdAtUs: now() })
      change(() => insert.run(id, JSON.stringify(settings), account.createdAtUs))
      held.set(id, account)
      return account
    },
    updateSettings(accountId, settings) {
      checkSettings(settings)
      const before = held.get(accountId)
      if (before === undefined) throw invalid('accountId', 'is not an account of this server')
      const account = frozen({ ...before, settings: structuredClone(settings) })
      change(() => update.run(JSON.stringify(settings), accountId))
      held.set(accountId, account)
      return account
    },
  }
}

interface AccountRow {
  id: string
  settings: string
  created_at_us: number
}

/** Settings that came after the account was written have their defaults. */
function readAccount({ id, settings, created_at_us: createdAtUs }: AccountRow): Account {
  const given = JSON.parse(settings) as AccountSettings
  return frozen({ id, settings: { ...defaultSettings(given.name), ...given }, createdAtUs })
}

function newAccountId(): string {
  return `MA${Array.from({ length: 18 }, () => ID_LETTERS[randomInt(ID_LETTERS.length)]).join('')}`
}
