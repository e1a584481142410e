import assert from 'node:assert'
import { hash } from 'node:crypto'

/** Namespace of the UUIDs that Calltrail makes: never changes, or a retry would not meet its call again. */
const NAMESPACE = 'b2b1f1a6-3f0e-5c7c-9d5e-6f1f0c0a7c11'

/** Whether text is a UUID of any version, in the usual form of 36 characters, in either case. */
export function isUuid(text: string): boolean {
  if (text.length !== 36) return false
  for (let at = 0; at < 36; at++) {
    const char = text.charCodeAt(at)
    if (at === 8 || at === 13 || at === 18 || at === 23) {
      if (char !== DASH) return false
    } else if (!((char > 47 && char < 58) || ((char | 32) > 96 && (char | 32) < 103))) return false
  }
  return true
}

/** A UUID made from a name, in lower case; the same name gives the same UUID. RFC 9562, section 5.5. */
export function uuidV5(namespace: string, name: string): string {
  const bytes = hash('sha1', Buffer.concat([uuidToBytes(namespace), Buffer.from(name)]), 'buffer')
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x50
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80
  return bytesToUuid(bytes)
}

/** What a record says of itself, to find out which call it is about. Null and empty text are "not given". */
export interface GivenIdentity {
  accountId: string
  /** A UUID, in either case. */
  callUuid?: string | null
  /** The source instance. */
  source: string
  sourceId?: string | null
  /** Needed when there is neither a UUID nor a source id: SHA-256 of the report, and its place among equals. */
  contentHash?: string
  /** 0 unless the same report stands several times in one file. */
  ordinal?: number
}

/**
 * The UUID of a call: the given one in lower case, else made from the source's own id, else from what the report says.
 * Never random, so a retry and a second import meet the same call. The parts are joined as a JSON array, so no two
 * lists of parts give one name, whatever is in them; the number of parts tells the two kinds apart.
 */
export function callUuidFor({
  accountId,
  callUuid,
  source,
  sourceId,
  contentHash,
  ordinal = 0,
}: GivenIdentity): string {
  if (callUuid) {
    assert(isUuid(callUuid), `callUuid: ${callUuid}`)
    return callUuid.toLowerCase()
  }
  if (sourceId) return uuidV5(NAMESPACE, JSON.stringify([accountId, source, sourceId]))
  assert(contentHash, 'contentHash: needed without callUuid and sourceId')
  return uuidV5(NAMESPACE, JSON.stringify([accountId, source, contentHash, ordinal]))
}

/** The 16 bytes of a UUID, which is one by `isUuid`; anything else is our own mistake and gives no sense. */
export function uuidToBytes(uuid: string): Uint8Array {
  const bytes = new Uint8Array(16)
  for (let byte = 0, at = 0; byte < 16; byte++, at += 2) {
    if (uuid.charCodeAt(at) === DASH) at++
    bytes[byte] = hexDigit(uuid.charCodeAt(at)) * 16 + hexDigit(uuid.charCodeAt(at + 1))
  }
  return bytes
}

/** The UUID, in lower case, of 16 bytes from a place on. */
export function bytesToUuid(bytes: Uint8Array, at = 0): string {
  if (bytes.length < at + 16) assert.fail(`bytes: ${bytes.length}`)
  for (let byte = 0; byte < 16; byte++) {
    const value = bytes[at + byte] as number
    const to = HEX_PLACES[byte] as number
    uuidText[to] = HEX_DIGITS[value >> 4] as number
    uuidText[to + 1] = HEX_DIGITS[value & 15] as number
  }
  return uuidText.toString('latin1', 0, 36)
}

const DASH = 45
const HEX_DIGITS = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))
/** Where the digits of each byte stand in the text. */
const HEX_PLACES = Uint8Array.from([0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34])
/** Written anew for each UUID: a text that is put together of parts takes twice as long. */
const uuidText = Buffer.alloc(36, DASH)

/** 0-9, a-f and A-F, by their ASCII codes. */
function hexDigit(char: number): number {
  return char < 58 ? char - 48 : (char | 32) - 87
}
