import { randomInt } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newKey } from '../store/key-secret.ts'
import { folderPaths, makeFolder } from '../store/sqlite/folder/folder.ts'
import { wrongUsage } from './exit.ts'

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

/** The demo's account and its key, made at random for each folder. */
export interface DemoIdentity {
  account: string
  key: string
}

/**
 * The account and key of a demo folder, from its `demo.json`, which only its owner can read: a demo that is started
 * again has the same. Throws for a folder that holds data and is no demo's: made-up calls have no place there.
 */
export function demoIdentity(folder: string): DemoIdentity {
  const path = join(folder, 'demo.json')
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as DemoIdentity
  if (existsSync(folderPaths(folder).meta))
    throw wrongUsage(`${folder} holds data that are no demo; --data names another folder`)
  const identity = {
    account: `MA${Array.from({ length: 18 }, () => LETTERS[randomInt(LETTERS.length)]).join('')}`,
    key: newKey().secret,
  }
  makeFolder(folder)
  writeFileSync(path, `${JSON.stringify(identity, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
  return identity
}
