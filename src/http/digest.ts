import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { SourceCredential } from '../store/directory.ts'
import { type DigestAlgorithm, SOURCE_REALM } from '../store/source-secret.ts'

/** Seconds after which a nonce is stale; a client then gets a new one and asks again by itself. */
const NONCE_S = 300
/** Requests with one nonce; after so many it is stale. */
const MOST_COUNTS = 10_000
/** In the order of our liking (RFC 7616, section 3.7). */
const ALGORITHMS = ['SHA-256', 'MD5'] as const satisfies readonly DigestAlgorithm[]

/** What a request with `Authorization: Digest` says (RFC 7616, section 3.4). */
export interface DigestAnswer {
  credential: Extract<SourceCredential, { scheme: 'digest' }>
  nonce: string
  /** `nc`, the client's count of requests with this nonce, from 1. */
  count: number
}

/** Reads the credential of a request; null for one that is not in the form asked for: qop=auth, our realm, this URL. */
export function readDigest(header: string, { method, url }: { method: string; url: string }): DigestAnswer | null {
  if (!/^Digest /i.test(header) || header.length > 4096) return null
  const { username, realm, nonce, uri, response, cnonce, qop, nc, algorithm = 'MD5' } = parameters(header.slice(7))
  const known = ALGORITHMS.find((name) => name.toLowerCase() === algorithm.toLowerCase())
  if (known === undefined || realm !== SOURCE_REALM || qop?.toLowerCase() !== 'auth') return null
  if (username === undefined || nonce === undefined || uri === undefined || response === undefined) return null
  if (cnonce === undefined || nc === undefined || !/^[0-9a-f]{8}$/i.test(nc) || targetOf(uri) !== url) return null
  const verify = (ha1: string) => {
    const ha2 = digest(known, `${method}:${uri}`)
    const expected = digest(known, `${ha1}:${nonce}:${nc}:${cnonce}:${qop}:${ha2}`)
    const given = response.toLowerCase()
    return given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected))
  }
  const credential = { scheme: 'digest', user: username, algorithm: known, verify } as const
  return { credential, nonce, count: Number.parseInt(nc, 16) }
}

function digest(algorithm: DigestAlgorithm, text: string): string {
  return hash(algorithm === 'MD5' ? 'md5' : 'sha256', text, 'hex')
}

/** `name=value, name="quoted \"value\""` by names in small letters; the first of a name holds. */
function parameters(text: string): Partial<Record<string, string>> {
  const found: Partial<Record<string, string>> = Object.create(null)
  for (const [, name = '', quoted, bare] of text.matchAll(/([a-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gi))
    found[name.toLowerCase()] ??= quoted?.replace(/\\(.)/g, '$1') ?? bare ?? ''
  return found
}

/** The path and query of an absolute URI; a proxy's client sends those. */
function targetOf(uri: string): string {
  return /^https?:\/\/[^/]*(\/.*)$/i.exec(uri)?.[1] ?? uri
}

/**
 * Nonces that carry their own time and are signed, so that none is kept until it has been used. A restart makes the old
 * ones stale. `now` is epoch microseconds.
 */
export class DigestNonces {
  readonly #key = randomBytes(32)
  readonly #now: () => number
  /** The counts seen with each nonce that somebody signed in with, oldest first. */
  readonly #used = new Map<string, Set<number>>()

  constructor({ now }: { now: () => number }) {
    this.#now = now
  }

  /** The values of `WWW-Authenticate`, one for each algorithm. */
  challenges({ stale }: { stale: boolean }): string[] {
    const nonce = this.#make()
    const rest = `qop="auth", nonce="${nonce}", charset=UTF-8${stale ? ', stale=true' : ''}`
    return ALGORITHMS.map((algorithm) => `Digest realm="${SOURCE_REALM}", algorithm=${algorithm}, ${rest}`)
  }

  /** Takes one use of a nonce by who has the password: false when it is old, not ours, or was used with this count. */
  take(nonce: string, count: number): boolean {
    this.#forget()
    if (!this.#isFresh(nonce)) return false
    const counts = this.#used.get(nonce) ?? new Set()
    if (count < 1 || counts.has(count) || counts.size >= MOST_COUNTS) return false
    counts.add(count)
    this.#used.set(nonce, counts)
    return true
  }

  #make(): string {
    const made = `${Math.floor(this.#now() / 1_000_000).toString(36)}.${randomBytes(9).toString('base64url')}`
    return `${made}.${this.#sign(made)}`
  }

  #isFresh(nonce: string): boolean {
    const [, made = '', second = '', mark = ''] = /^(([0-9a-z]{1,10})\.[\w-]{12})\.([\w-]{43})$/.exec(nonce) ?? []
    if (made === '' || !timingSafeEqual(Buffer.from(mark), Buffer.from(this.#sign(made)))) return false
    return this.#now() / 1_000_000 - Number.parseInt(second, 36) <= NONCE_S
  }

  #sign(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('base64url')
  }

  /** First used is first stale, nearly: what is a little younger than its neighbours goes a little later. */
  #forget(): void {
    for (const nonce of this.#used.keys()) {
      if (this.#isFresh(nonce)) return
      this.#used.delete(nonce)
    }
  }
}
