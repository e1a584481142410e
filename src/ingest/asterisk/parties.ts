import { cleanText, displayName } from '../clean-text.ts'
import type { MasterRow } from './master-row.ts'

/** The caller of a row. `clid` reads `"Name" <number>`; Asterisk puts a backslash before quotes within the name. */
export function readCaller({ src, clid }: Pick<MasterRow, 'src' | 'clid'>): Record<string, string | null> {
  const [, quoted, bare, number] = /^(?:"(.*)"|([^<]*?))\s*(?:<([^>]*)>)?$/s.exec(clid ?? '') ?? []
  const name = cleanText(quoted ?? bare, 256)?.replace(/\\(.)/gsu, '$1') ?? null
  const asSent = src ?? cleanText(number, 256)
  return { as_sent: asSent, name: displayName(name, asSent) }
}

/**
 * The number that Dial was given, where it is one number and not the one that was dialled: `PJSIP/out/sip:+4420@host,5`,
 * `PJSIP/4420@trunk`, `SIP/trunk/4420`. Null for extensions by name, for several targets at once, and for other apps.
 */
export function dialedTarget({
  lastapp,
  lastdata,
  dst,
}: Pick<MasterRow, 'lastapp' | 'lastdata' | 'dst'>): string | null {
  const [target = ''] = lastdata.split(',')
  if (lastapp !== 'Dial' || target.includes('&')) return null
  const number = /(?:^|[/:])(\+?\d{2,32})(?:@[^/]*)?$/.exec(target)?.[1] ?? null
  return number === dst ? null : number
}

/** FreePBX's contexts name the direction; others do not, and then a CDR does not tell it. */
export function directionOf({ dcontext, dst }: Pick<MasterRow, 'dcontext' | 'dst'>): string | null {
  const context = dcontext ?? ''
  if (/^(?:from-(?:trunk|pstn|did|digital|analog)|ext-did)/.test(context)) return 'inbound'
  if (!/^from-internal/.test(context)) return null
  return /^\d{2,6}$/.test(dst ?? '') ? 'internal' : 'outbound'
}
