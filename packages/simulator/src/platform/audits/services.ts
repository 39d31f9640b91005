import { ACTIONS, RESOURCES } from '../../audit/vocabulary.ts';

/** Where the audits of a kind of resource stand on the platform. */
export interface AuditKind {
  serviceName: string;
  entityType: string;
}

/** By the guide's resource types. */
const KINDS: Readonly<Record<string, AuditKind>> = {
  USER: { serviceName: 'Directory', entityType: 'User' },
  GROUP: { serviceName: 'Groups', entityType: 'Group' },
  TEAM: { serviceName: 'Directory', entityType: 'Team' },
  DIVISION: { serviceName: 'PeoplePermissions', entityType: 'Division' },
  ROLE: { serviceName: 'PeoplePermissions', entityType: 'Role' },
  QUEUE: { serviceName: 'Routing', entityType: 'Queue' },
  SKILL: { serviceName: 'Routing', entityType: 'Skill' },
  LANGUAGE: { serviceName: 'Routing', entityType: 'Language' },
  WRAPUP_CODE: { serviceName: 'Routing', entityType: 'WrapupCode' },
  FLOW: { serviceName: 'Architect', entityType: 'Flow' },
  PROMPT: { serviceName: 'Architect', entityType: 'UserPrompt' },
  DATA_TABLE: { serviceName: 'Architect', entityType: 'DataTable' },
  SCHEDULE: { serviceName: 'Architect', entityType: 'Schedule' },
  EMERGENCY_GROUP: { serviceName: 'Architect', entityType: 'EmergencyGroup' },
  CAMPAIGN: { serviceName: 'Outbound', entityType: 'Campaign' },
  CONTACT_LIST: { serviceName: 'Outbound', entityType: 'ContactList' },
  DNC_LIST: { serviceName: 'Outbound', entityType: 'DNCList' },
  OAUTH_CLIENT: { serviceName: 'PeoplePermissions', entityType: 'OAuthClient' },
  INTEGRATION: { serviceName: 'Integrations', entityType: 'Integration' },
  INTEGRATION_ACTION: { serviceName: 'Integrations', entityType: 'Action' },
  TRUNK: { serviceName: 'Telephony', entityType: 'EdgeTrunk' },
  SITE: { serviceName: 'Telephony', entityType: 'Site' },
  PHONE: { serviceName: 'Telephony', entityType: 'Phone' },
  DID_POOL: { serviceName: 'Telephony', entityType: 'DIDPool' },
  RECORDING: { serviceName: 'Quality', entityType: 'Recording' },
  RECORDING_POLICY: { serviceName: 'Quality', entityType: 'Policy' },
  EVALUATION: { serviceName: 'Quality', entityType: 'Evaluation' },
  BUSINESS_UNIT: { serviceName: 'WorkforceManagement', entityType: 'BusinessUnit' },
  EXTERNAL_CONTACT: { serviceName: 'ExternalContacts', entityType: 'Contact' },
  SPEECH_TOPIC: { serviceName: 'SpeechAndTextAnalytics', entityType: 'Topic' },
};

/** Where sign-ins stand, whatever resource the guide's event names. */
const SIGN_IN: AuditKind = { serviceName: 'PeoplePermissions', entityType: 'User' };

/** The guide's actions in the platform's words; those of sign-ins aside. */
const ACTION_NAMES: Readonly<Record<string, string>> = {
  CREATE: 'Create',
  UPDATE: 'Update',
  DELETE: 'Delete',
  VIEW: 'View',
  EXPORT: 'Export',
  DOWNLOAD: 'Download',
  PUBLISH: 'Publish',
  ASSIGN: 'Assign',
  UNASSIGN: 'Unassign',
  MEMBER_ADD: 'MemberAdd',
  MEMBER_REMOVE: 'MemberRemove',
  ENABLE: 'Activate',
  DISABLE: 'Deactivate',
};

const SIGN_IN_ACTIONS = ['Authenticate', 'AuthenticationFailed', 'SingleLogout'];

/**
 * Where an event stands, and what was done. A type or action that is none of the usual ones keeps its own name.
 * @param fails whether it failed. Of sign-ins, only those that are no LOGIN on the guide's stream may: what the usual filter leaves
 *   out there, it leaves out here
 */
export function kindOf(resourceType: string, action: string, fails: boolean): AuditKind & { action: string } {
  if (action === 'LOGIN') return { ...SIGN_IN, action: 'Authenticate' };
  if (action === 'LOGOUT') return { ...SIGN_IN, action: fails ? 'AuthenticationFailed' : 'SingleLogout' };
  const kind = KINDS[resourceType] ?? { serviceName: 'Directory', entityType: resourceType };
  return { ...kind, action: ACTION_NAMES[action] ?? action };
}

/** Every service, in the order of its first resource. */
export const SERVICES: readonly string[] = [
  ...new Set(RESOURCES.map(({ type }) => (KINDS[type] as AuditKind).serviceName)),
];

/** `GET .../servicemapping`: these services with their entity types and actions. */
export interface ServiceMapping {
  services: { name: string; entities: { name: string; actions: string[] }[] }[];
}

/** @param wanted which of the services */
export function serviceMapping(wanted: (serviceName: string) => boolean): ServiceMapping {
  const actions = [...new Set(ACTIONS.flatMap(({ name }) => ACTION_NAMES[name] ?? []))];
  const entitiesOf = (service: string) =>
    Object.values(KINDS)
      .filter(({ serviceName }) => serviceName === service)
      .map(({ entityType: name }) => ({ name, actions }));
  return {
    services: SERVICES.filter(wanted).map((name) => ({
      name,
      entities: [
        ...entitiesOf(name),
        ...(name === SIGN_IN.serviceName ? [{ name: SIGN_IN.entityType, actions: SIGN_IN_ACTIONS }] : []),
      ],
    })),
  };
}
