import type { Config } from '../config/config.ts'
import type { Calltrail } from './open.ts'

/** What people are told of the account and the key that a first start has made; no lines on a later start. */
export function createdNotice({ created }: Pick<Calltrail, 'created'>, { bootstrapKey }: Config): string[] {
  if (created === null) return []
  const key = created.key === bootstrapKey ? 'the one given in CALLTRAIL_BOOTSTRAP_KEY' : created.key
  return [
    'A new data folder: its first account was made, with a key of every scope. The key is shown this once.',
    `  account  ${created.accountId}`,
    `  key      ${key}`,
  ]
}
