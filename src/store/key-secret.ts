import { hash, randomBytes, randomInt } from 'node:crypto'

const ID_LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'
const ID_LENGTH = 12
const OUR_FORM = /^ct_([a-z0-9]{12})_./

/** A new key of 256 random bits: `ct_<id>_<secret>`, the id 12 of a-z0-9. The whole of it is the secret. */
export function newKey(): { id: string; secret: string } {
  const id = Array.from({ length: ID_LENGTH }, () => ID_LETTERS[randomInt(ID_LETTERS.length)]).join('')
  return { id, secret: `ct_${id}_${randomBytes(32).toString('base64url')}` }
}

/**
 * Where a key is looked up: the id in it, or, for a secret that was given to us in another form, 12 of a-z0-9 made from
 * its hash. Ids are shown and logged, and a given secret may be guessable, so the hash is salted with what only the
 * directory knows: nobody can try guesses against an id.
 */
export function idOfKey(secret: string, salt: Uint8Array): string {
  const own = OUR_FORM.exec(secret)?.[1]
  if (own !== undefined) return own
  const digest = hash('sha256', Buffer.concat([salt, Buffer.from(secret)]), 'buffer')
  let id = ''
  for (let at = 0; at < ID_LENGTH; at++) id += ID_LETTERS[(digest[at] as number) % ID_LETTERS.length]
  return id
}

/** SHA-256 of the whole key: all that is kept of it. */
export function hashOfKey(secret: string): Buffer {
  return hash('sha256', secret, 'buffer')
}
