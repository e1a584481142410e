import { randomInt } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import {
  ACCOUNT_ID,
  type Account,
  type AccountSettings,
  type DerivingSettings,
  defaultSettings,
} from '../../../record/account.ts'
import type { Directory } from '../../directory.ts'
import { invalid, taken } from '../../directory-refusal.ts'
import { checkSettings } from '../../settings-check.ts'
import { frozen } from '../folder/frozen.ts'
import type { DirectoryFile } from './directory-file.ts'
import { centerSettings, pastSettings } from './directory-past-settings.ts'

const ID_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

type Accounts = Pick<
  Directory,
  'accounts' | 'account' | 'createAccount' | 'updateSettings' | 'derivingSettings' | 'applyCenterSettingsSince'
>

/** The accounts, held in memory in order of creation. */
export function accountTable({ db, change }: DirectoryFile, now: () => number): Accounts {
  const held = new Map<string, Account>()
  for (const row of db.prepare('SELECT * FROM accounts ORDER BY created_at_us, id').iterate()) {
    const account = readAccount(row as unknown as AccountRow)
    held.set(account.id, account)
  }
  const insert = db.prepare('INSERT INTO accounts (id, settings, created_at_us) VALUES (?, ?, ?)')
  const update = db.prepare('UPDATE accounts SET settings = ? WHERE id = ?')
  const past = pastSettings(db)
  const deriving = new Map<string, DerivingSettings>()
  const heldOrThrow = (accountId: string): Account => {
    const account = held.get(accountId)
    if (account === undefined) throw invalid('accountId', 'is not an account of this server')
    return account
  }
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
      const before = heldOrThrow(accountId)
      const account = frozen({ ...before, settings: structuredClone(settings) })
      const wasCenter = centerSettings(before.settings)
      change(() => {
        update.run(JSON.stringify(settings), accountId)
        if (!isDeepStrictEqual(wasCenter, centerSettings(settings))) past.add(accountId, wasCenter, now())
      })
      held.set(accountId, account)
      deriving.delete(accountId)
      return account
    },
    derivingSettings(accountId) {
      const account = held.get(accountId)
      if (account === undefined) return null
      const known = deriving.get(accountId)
      if (known !== undefined) return known
      const before = past.of(accountId)
      const made = before.length === 0 ? account.settings : frozen({ ...account.settings, past: before })
      deriving.set(accountId, made)
      return made
    },
    applyCenterSettingsSince({ accountId, sinceUs }) {
      heldOrThrow(accountId)
      if (change(() => past.endAt(accountId, sinceUs))) deriving.delete(accountId)
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
  const preset = defaultSettings(given.name)
  const retention = { ...preset.retention, ...given.retention }
  return frozen({ id, settings: { ...preset, ...given, retention }, createdAtUs })
}

function newAccountId(): string {
  return `MA${Array.from({ length: 18 }, () => ID_LETTERS[randomInt(ID_LETTERS.length)]).join('')}`
}
