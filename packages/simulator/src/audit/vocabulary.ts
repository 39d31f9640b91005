/** One kind of thing that an administrator of a contact centre changes, and how its API looks. */
export interface Resource {
  type: string;
  path: string;
  properties: readonly string[];
}

const resource = (type: string, path: string, ...properties: string[]): Resource => ({
  type,
  path: `/api/v2/${path}`,
  properties,
});

export const RESOURCES: readonly Resource[] = [
  resource('USER', 'users', 'title', 'department', 'state', 'email', 'manager'),
  resource('GROUP', 'groups', 'name', 'visibility', 'rulesVisible', 'owners'),
  resource('TEAM', 'teams', 'name', 'description', 'divisionId'),
  resource('DIVISION', 'authorization/divisions', 'name', 'description', 'homeDivision'),
  resource('ROLE', 'authorization/roles', 'permissions', 'permissionPolicies', 'name'),
  resource('QUEUE', 'routing/queues', 'acwSettings', 'serviceLevel', 'skillEvaluationMethod', 'name'),
  resource('SKILL', 'routing/skills', 'name', 'state'),
  resource('LANGUAGE', 'routing/languages', 'name', 'state'),
  resource('WRAPUP_CODE', 'routing/wrapupcodes', 'name', 'divisionId'),
  resource('FLOW', 'flows', 'publishedVersion', 'description', 'lockedUser', 'savedVersion'),
  resource('PROMPT', 'architect/prompts', 'name', 'description', 'resources'),
  resource('DATA_TABLE', 'flows/datatables', 'schema', 'name', 'rows'),
  resource('SCHEDULE', 'architect/schedules', 'rrule', 'start', 'end', 'name'),
  resource('EMERGENCY_GROUP', 'architect/emergencygroups', 'enabled', 'emergencyCallFlows'),
  resource('CAMPAIGN', 'outbound/campaigns', 'campaignStatus', 'dialingMode', 'callerName', 'priority'),
  resource('CONTACT_LIST', 'outbound/contactlists', 'columnNames', 'size', 'trimWhitespace'),
  resource('DNC_LIST', 'outbound/dnclists', 'name', 'size', 'contactMethod'),
  resource('OAUTH_CLIENT', 'oauth/clients', 'accessTokenValiditySeconds', 'roleIds', 'scope', 'secret'),
  resource('INTEGRATION', 'integrations', 'intendedState', 'config', 'attributes'),
  resource('INTEGRATION_ACTION', 'integrations/actions', 'contract', 'secure', 'category'),
  resource('TRUNK', 'telephony/providers/edges/trunks', 'state', 'trunkMetabase', 'enabled'),
  resource('SITE', 'telephony/providers/edges/sites', 'numberPlans', 'mediaRegions', 'location'),
  resource('PHONE', 'telephony/providers/edges/phones', 'lines', 'webRtcUser', 'state'),
  resource('DID_POOL', 'telephony/providers/edges/didpools', 'startPhoneNumber', 'endPhoneNumber'),
  resource('RECORDING', 'recordings', 'archiveDate', 'deleteDate', 'retentionDurationDays'),
  resource('RECORDING_POLICY', 'recording/mediaretentionpolicies', 'conditions', 'actions', 'order'),
  resource('EVALUATION', 'quality/evaluations', 'answers', 'totalScore', 'assignee'),
  resource('BUSINESS_UNIT', 'workforcemanagement/businessunits', 'settings', 'timeZone', 'startDayOfWeek'),
  resource('EXTERNAL_CONTACT', 'externalcontacts/contacts', 'firstName', 'lastName', 'address', 'workEmail'),
  resource('SPEECH_TOPIC', 'speechandtextanalytics/topics', 'phrases', 'strictness', 'dialect'),
];

export interface Action {
  name: string;
  method: string;
  status: number;
}

const action = (name: string, method: string, status: number): Action => ({ name, method, status });

/** Every action but LOGIN, which has a place of its own in the stream (`login.ts`). */
export const ACTIONS: readonly Action[] = [
  action('CREATE', 'POST', 201),
  action('UPDATE', 'PUT', 200),
  action('UPDATE', 'PATCH', 200),
  action('DELETE', 'DELETE', 204),
  action('VIEW', 'GET', 200),
  action('EXPORT', 'POST', 202),
  action('DOWNLOAD', 'GET', 302),
  action('PUBLISH', 'POST', 200),
  action('ASSIGN', 'POST', 200),
  action('UNASSIGN', 'DELETE', 204),
  action('MEMBER_ADD', 'POST', 200),
  action('MEMBER_REMOVE', 'DELETE', 409),
  action('ENABLE', 'PATCH', 200),
  action('DISABLE', 'PATCH', 403),
  action('LOGOUT', 'DELETE', 200),
];

/** Names as JSON text without the quotes: some with raw, some with escaped characters beyond ASCII. */
export const FIRST_NAMES = [
  'Amara',
  'Bj\\u00f6rn',
  'Chlo\u00e9',
  'Dmitri',
  'El\u017cbieta',
  'Fran\u00e7oise',
  'Guillermo',
  'Hy\u016bga',
  'Ingeborg',
  'J\u00fcrgen',
  'Kwabena',
  'L\u00e1szl\u00f3',
  'Mar\u00eda-Jos\u00e9',
  'Nguy\u1ec5n',
  'Olumide',
  '\u041f\u0440\u0430\u0441\u043a\u043e\u0432\u044c\u044f',
  'Quirin',
  'S\u00f8ren',
  '\u0645\u0631\u064a\u0645',
  '\u5f90\u6d69\u7136',
];

export const LAST_NAMES = [
  'Achterberg',
  'Bielikov\u00e1',
  'Castellanos',
  'D\\u2019Annunzio',
  'Etxeberria',
  'Farnsworth-\u00c5kesson',
  'Grzegorzewski',
  'H\u00e4mm\u00e4l\u00e4inen',
  'Iwasz\\"Ko\\"kiewicz',
  'Jayawardena',
  'Kr\u00e4henb\u00fchl',
  'Lef\u00e8bvre',
  'Mbeki-Thorvaldsen',
  '\u00d3 Dubhshl\u00e1ine',
  'Papadopoulou',
  'Ruszkiewicz',
  'Szab\u00f3n\u00e9',
  'Thistlethwaite',
  '\u0423\u0448\u0430\u043a\u043e\u0432\u0430',
  'W\u0142odarczyk',
];

/** Property values as JSON text: text with escapes, numbers that a double cannot hold, other shapes. */
export const VALUES: readonly string[] = [
  'true',
  'false',
  'null',
  '0',
  '-0',
  '1.0',
  '0.1000000000000000055511151231257827',
  '9007199254740993',
  '-9223372036854775808',
  '18446744073709551615',
  '6.02214076e+23',
  '1.50E-9',
  '123456789012345678901234567890',
  '3.14159265358979323846264338327950288419716939937510',
  '""',
  '"ACTIVE"',
  '"INACTIVE"',
  '"Europe\\/Berlin"',
  '"first line\\nsecond\\tline"',
  '"C:\\\\prompts\\\\welcome.wav"',
  '"\u2028separated"',
  '"caf\u00e9 \u2615 \ud83c\udf0d"',
  '"caf\\u00e9 \\ud83c\\udf0d"',
  '"sip:+15550100@edge.example"',
  '"RRULE:FREQ=WEEKLY;BYDAY=MO,TU"',
  '[]',
  '{}',
  '["voice","chat"]',
  '{"percentage":0.80,"durationMs":20000}',
];

/** Addresses that no parser takes: those seen in the wild behind proxies and in system events. */
export const MALFORMED_IPS = [
  '198.18.0.256',
  'unknown',
  '2001:db8::1%eth0',
  '203.0.113.7, 198.18.4.4',
  '',
  '::ffff:198.18',
];
