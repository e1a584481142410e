import { callFilesIn } from '../file/open-file.ts'
import { readCallFile } from '../file/read-call-file.ts'
import { readKamailioLine } from './read-kamailio-line.ts'

/** A call of the captures as its source's own reader gives it: native bodies, the primary one first. */
export interface Conversation {
  source: 'demo-freeswitch' | 'demo-asterisk' | 'demo-kamailio'
  /** Number of the scenario that the phones of the capture played, such as 03 for busy: last two digits of the caller. */
  scenario: string
  legs: Record<string, unknown>[]
}

/**
 * The bundled records of a folder, read as any file of calls is, and brought together by session. Rejects where the
 * folder cannot be read.
 */
export async function loadConversations(folder: string): Promise<Conversation[]> {
  const sessions = new Map<string, Conversation>()
  for (const { path } of await callFilesIn(folder)) {
    const file = await readCallFile(path, { format: null, timeZone: 'UTC' })
    if (file === null) continue
    for await (const record of file.records) {
      if (record.kind === 'end') continue
      const { reading } = record
      const body = 'native' in reading ? readKamailioLine(reading.native) : reading.ok ? reading.call : null
      if (body === null) continue
      const source =
        'native' in reading ? 'demo-kamailio' : file.format === 'asterisk-csv' ? 'demo-asterisk' : 'demo-freeswitch'
      const session = `${source} ${body.session_id}`
      const conversation = sessions.get(session) ?? { source, scenario: '', legs: [] }
      if (body.leg === 'b') conversation.legs.push(body)
      else conversation.legs.unshift(body)
      sessions.set(session, conversation)
    }
  }
  return [...sessions.values()]
    .map((conversation) => ({ ...conversation, scenario: numberOf(conversation.legs[0], 'from').slice(-2) }))
    .filter(({ legs: [primary] }) => primary?.leg !== 'b')
}

/** The number of one side as it was sent. */
export function numberOf(body: Record<string, unknown> | undefined, side: 'from' | 'to'): string {
  return ((body?.[side] as { as_sent?: string | null } | undefined)?.as_sent ?? '') as string
}
