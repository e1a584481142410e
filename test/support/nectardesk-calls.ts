/**
 * One day of a contact centre in New York, as it reports its calls: one call for each call type, and for each pair of
 * them that a filter could confuse. The tag is the call's name, by which a test knows it again.
 */

type Body = Record<string, unknown>

/** `14:00:05` of 2025-08-02, UTC. */
const at = (clock: string) => `2025-08-02T${clock}Z`

const SALES = { id: 1, name: 'Sales' }
const SUPPORT = { id: 2, name: 'Support' }
const WELCOME = { id: 1, name: 'Welcome', entered_at: null }
const OPENING_HOURS = { id: 2, name: 'Opening hours', entered_at: null }
const ANN = { id: 7, user_id: 43, alias: 'Ann', sip: 'sip:ann@pbx.example' }
const BEN = { id: 8, user_id: 44, alias: 'Ben', sip: 'sip:ben@pbx.example' }

const mainNumber = { id: 1, number: '12125550100', alias: 'Main' }
const hotline = { id: 2, number: '12125550200', alias: null }
const contact = (id: number, list_ids: number[]) => ({
  id,
  full_name: `Contact ${id}`,
  number: `1646555${1000 + id}`,
  country_code: '1',
  national_number: `646555${1000 + id}`,
  list_ids,
})
const disposition = (id: number) => ({ id, code: `Code ${id}`, note: null })

let ordinal = 0
function call(name: string, body: Body): Body {
  ordinal += 1
  return {
    call_uuid: `00000000-0000-4000-8000-${String(ordinal).padStart(12, '0')}`,
    direction: 'inbound',
    from: { number: '+16465551000' },
    to: { number: '+12125550100' },
    tags: [name],
    ...body,
  }
}

/** Waits in a queue from `since` on, and leaves it; `rung`: when an agent was rung for it. */
function queue(ring_group: object, given: { since: string; left: string; by: string; rung?: string }): Body {
  return {
    ring_group,
    queued_at: at(given.since),
    left_at: at(given.left),
    left_by: given.by,
    distributed_at: given.rung === undefined ? null : at(given.rung),
  }
}

function rung(agent: object, given: { from: string; answered?: string; to: string; transfer?: string }): Body {
  return {
    ...agent,
    started_at: at(given.from),
    answered_at: given.answered === undefined ? null : at(given.answered),
    ended_at: at(given.to),
    transfer: given.transfer ?? 'none',
    hangup_reason: 'NORMAL_CLEARING',
  }
}

const unanswered = (from: string, to: string) => ({ started_at: at(from), ended_at: at(to) })
const answered = (from: string, by: string, to: string) => ({ ...unanswered(from, to), answered_at: at(by) })

const INBOUND = [
  call('in time', {
    ...answered('10:00:00', '10:00:15', '10:05:00'),
    center: {
      number: mainNumber,
      contact: contact(1, [1, 2]),
      ivr: WELCOME,
      queues: [queue(SALES, { since: '10:00:05', left: '10:00:15', by: 'answer', rung: '10:00:08' })],
      agents: [rung(ANN, { from: '10:00:08', answered: '10:00:15', to: '10:05:00' })],
      disposition: disposition(1),
      survey_ids: [1, 2],
    },
  }),
  call('late', {
    ...answered('10:10:00', '10:10:45', '10:15:00'),
    center: {
      number: mainNumber,
      contact: contact(2, [2]),
      ivr: WELCOME,
      queues: [queue(SALES, { since: '10:10:05', left: '10:10:45', by: 'answer', rung: '10:10:40' })],
      agents: [
        rung(BEN, { from: '10:10:40', answered: '10:10:45', to: '10:12:00', transfer: 'warm' }),
        rung(ANN, { from: '10:11:40', answered: '10:11:45', to: '10:15:00' }),
      ],
      disposition: disposition(2),
      survey_ids: [2],
    },
  }),
  call('handed on', {
    ...answered('10:20:00', '10:20:10', '10:25:00'),
    center: {
      number: hotline,
      queues: [queue(SUPPORT, { since: '10:20:00', left: '10:20:10', by: 'answer', rung: '10:20:05' })],
      agents: [rung(BEN, { from: '10:20:05', answered: '10:20:10', to: '10:21:00', transfer: 'blind' })],
      external_numbers: [{ number: '12125559999', transfer: 'blind' }],
    },
  }),
  call('left in the menu', {
    ...answered('10:30:00', '10:30:01', '10:30:40'),
    center: { number: hotline, ivr: OPENING_HOURS },
  }),
  call('gave up', {
    ...unanswered('10:40:00', '10:41:00'),
    center: { queues: [queue(SUPPORT, { since: '10:40:00', left: '10:41:00', by: 'hangup' })] },
  }),
  call('gave up while it rang', {
    ...unanswered('10:50:00', '10:51:00'),
    center: {
      queues: [queue(SUPPORT, { since: '10:50:00', left: '10:51:00', by: 'hangup', rung: '10:50:30' })],
      agents: [rung(ANN, { from: '10:50:30', to: '10:51:00' })],
    },
  }),
  call('gave up at once', {
    ...unanswered('11:00:00', '11:00:05'),
    center: { queues: [queue(SUPPORT, { since: '11:00:00', left: '11:00:05', by: 'hangup' })] },
  }),
  call('gave up at the first ring', {
    ...unanswered('11:10:00', '11:10:05'),
    center: {
      queues: [queue(SUPPORT, { since: '11:10:00', left: '11:10:05', by: 'hangup', rung: '11:10:02' })],
      agents: [rung(BEN, { from: '11:10:02', to: '11:10:05' })],
    },
  }),
  call('overflowed', {
    ...unanswered('11:20:00', '11:24:00'),
    center: {
      queues: [
        queue(SALES, { since: '11:20:00', left: '11:22:00', by: 'overflow' }),
        queue(SUPPORT, { since: '11:22:00', left: '11:24:00', by: 'overflow' }),
      ],
    },
  }),
  call('asked to be called back', {
    ...unanswered('11:30:00', '11:31:00'),
    center: {
      contact: contact(3, [3]),
      queues: [queue(SALES, { since: '11:30:00', left: '11:31:00', by: 'callback' })],
      requested_callback: true,
    },
  }),
  call('came when closed', {
    ...unanswered('11:40:00', '11:40:20'),
    center: { queues: [queue(SUPPORT, { since: '11:40:00', left: '11:40:20', by: 'closed' })] },
  }),
]

const asked = INBOUND.find(({ tags }) => (tags as string[]).includes('asked to be called back')) as Body

const OTHERS = [
  call('called back', {
    direction: 'outbound',
    ...answered('12:00:00', '12:00:10', '12:01:00'),
    center: {
      number: hotline,
      contact: contact(3, [3]),
      agents: [rung(BEN, { from: '12:00:00', to: '12:01:00' })],
      automated_callback: true,
      original_call_uuid: asked.call_uuid,
      survey_ids: [3],
    },
  }),
  call('sold', {
    direction: 'outbound',
    from: { number: '+12125550100' },
    to: { number: '+442079460958', name: 'Zoë' },
    ...answered('12:10:00', '12:10:30', '12:11:00'),
    center: {
      number: mainNumber,
      agents: [rung(ANN, { from: '12:10:00', to: '12:11:00' })],
      disposition: disposition(3),
    },
  }),
  call('not reached', {
    direction: 'outbound',
    ...unanswered('12:20:00', '12:20:30'),
    center: { number: mainNumber, agents: [rung(ANN, { from: '12:20:00', to: '12:20:30' })] },
  }),
  // A switch that knows nothing of contact centres.
  call('plain', { ...answered('12:30:00', '12:30:05', '12:31:00'), from: { number: '+442079460958', name: 'Zoë' } }),
  call('from desk to desk', {
    direction: 'internal',
    from: { number: '1001' },
    to: { number: '1002', name: 'Ben' },
    ...answered('12:40:00', '12:40:05', '12:41:00'),
  }),
  call('leg of plain', { ...answered('12:30:01', '12:30:05', '12:31:00'), leg: 'b' }),
  call('still in the queue', {
    started_at: at('13:00:00'),
    center: { ivr: WELCOME, queues: [{ ring_group: SALES, queued_at: at('13:00:10') }] },
  }),
  // In New York this is still the first of August, and the other one already the third.
  call('the night before', { ...unanswered('03:59:59', '04:00:30') }),
  call('the night after', { started_at: '2025-08-03T04:00:00Z', ended_at: '2025-08-03T04:00:30Z' }),
]

/** In the order in which they are stored. */
export const CENTER_CALLS: readonly Body[] = [...INBOUND, ...OTHERS]

/** The names of all that the dialect shows, latest start first. */
export const SHOWN: readonly string[] = CENTER_CALLS.filter(({ leg }) => leg !== 'b')
  .sort((a, b) => (String(a.started_at) < String(b.started_at) ? 1 : -1))
  .map(({ tags }) => (tags as string[])[0] as string)
