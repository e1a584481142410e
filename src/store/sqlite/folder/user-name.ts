import { spawnSync } from 'node:child_process'

/** What a user of this machine is called, `#1000` where the number has no name; who runs this process, unless given. */
export function userName(uid: number = process.getuid?.() ?? 0): string {
  // Node tells the name of its own user alone, and throws where that has none.
  const { stdout, status } = spawnSync('id', ['-nu', String(uid)], { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : `#${uid}`
}

/** How a command is begun as that user: `sudo -u calltrail`. */
export function asUser(uid: number): string {
  const name = userName(uid)
  return `sudo -u ${name.startsWith('#') ? `'${name}'` : name}`
}
