"""All Structs and handlers that the OpenAPI document is made of."""

from litestar.handlers import HTTPRouteHandler

from checkin.api import (
    access_log,
    alert_answers,
    alert_rules,
    alerts,
    assignments,
    batches,
    changes,
    check_ins,
    consents,
    devices,
    groups,
    health,
    help_requests,
    holidays,
    me,
    mentees,
    mentors,
    nudge_plans,
    nudges,
    people,
    people_import,
    program_rules,
    programs,
    sessions,
    sign_in,
    webhooks,
)
from checkin.api.access_log import AccessLog, AccessView
from checkin.api.alert_answers import NewOutcome
from checkin.api.alert_rules import (
    AlertRules,
    AlertRulesPatch,
    DryRunView,
    LoadView,
    NewDryRun,
    RuleView,
    TriedAlert,
    WeekView,
)
from checkin.api.alerts import AlertCause, AlertDetail, AlertList, AlertStep, AlertView
from checkin.api.assignments import AssignmentList, AssignmentView, NewAssignment, Transfer
from checkin.api.batches import CheckInBatch, CheckInOutcome, CheckInOutcomes, DatedCheckIn
from checkin.api.changes import ChangeList, ChangeView
from checkin.api.check_ins import CheckInList, CheckInView, NewCheckIn
from checkin.api.consents import ConsentList, ConsentView, GivenConsent, NewConsent
from checkin.api.devices import DeviceView, NewDevice, WebPush
from checkin.api.groups import GroupDayView, GroupView
from checkin.api.health import Health
from checkin.api.help_requests import (
    CallView,
    HelpOutcome,
    HelpRequestList,
    HelpRequestView,
    MenteeHelpRequest,
    MenteeHelpRequestList,
    NewHelpRequest,
    Taking,
)
from checkin.api.holidays import HolidayList, HolidayView, NewHoliday
from checkin.api.me import MePatch, MeView, PersonView
from checkin.api.mentees import MenteeDetail, MenteeList, MenteeView, SharedCheckIn
from checkin.api.mentors import (
    AvailabilityChange,
    AvailabilityView,
    HoursWindow,
    LeaveDays,
    LeaveView,
    MentorLoad,
    MentorLoadList,
)
from checkin.api.nudge_plans import NewPause, NudgePlan, NudgePlanPatch, PauseView
from checkin.api.nudges import BreakView, ComingNudge, NudgeList, NudgePreview, NudgeView
from checkin.api.people import Invitation, PersonList, PersonPatch
from checkin.api.people_import import ImportedPerson, ImportView, LineMistake
from checkin.api.problems import FieldError, Problem
from checkin.api.program_rules import NewRouting, OnCallList, RoutingView
from checkin.api.programs import ProgramList, ProgramPatch, ProgramView
from checkin.api.sessions import SessionList, SessionView
from checkin.api.sign_in import CodeSent, NewCode, NewTokens, Refresh, Tokens
from checkin.api.trends import TrendView
from checkin.api.webhooks import SmsForm, StatusForm

STRUCTS = (
    NewCode,
    CodeSent,
    NewTokens,
    Refresh,
    Tokens,
    SessionView,
    SessionList,
    WebPush,
    NewDevice,
    DeviceView,
    NewCheckIn,
    CheckInView,
    CheckInList,
    DatedCheckIn,
    CheckInBatch,
    CheckInOutcome,
    CheckInOutcomes,
    ChangeView,
    ChangeList,
    NudgeView,
    NudgeList,
    ComingNudge,
    BreakView,
    NudgePreview,
    PauseView,
    NewPause,
    NudgePlan,
    NudgePlanPatch,
    AlertView,
    AlertCause,
    AlertStep,
    AlertDetail,
    AlertList,
    NewOutcome,
    HoursWindow,
    LeaveDays,
    AvailabilityChange,
    LeaveView,
    AvailabilityView,
    MentorLoad,
    MentorLoadList,
    PersonView,
    MeView,
    MePatch,
    AccessView,
    AccessLog,
    GivenConsent,
    ConsentView,
    ConsentList,
    NewConsent,
    TrendView,
    NewHelpRequest,
    HelpRequestView,
    HelpRequestList,
    MenteeHelpRequest,
    MenteeHelpRequestList,
    Taking,
    HelpOutcome,
    CallView,
    MenteeView,
    MenteeList,
    GroupDayView,
    GroupView,
    MenteeDetail,
    SharedCheckIn,
    Invitation,
    PersonPatch,
    PersonList,
    ImportedPerson,
    LineMistake,
    ImportView,
    AssignmentView,
    AssignmentList,
    NewAssignment,
    Transfer,
    AlertRules,
    AlertRulesPatch,
    NewDryRun,
    RuleView,
    WeekView,
    LoadView,
    TriedAlert,
    DryRunView,
    ProgramView,
    ProgramList,
    ProgramPatch,
    RoutingView,
    NewRouting,
    OnCallList,
    HolidayView,
    HolidayList,
    NewHoliday,
    Health,
    Problem,
    FieldError,
    SmsForm,
    StatusForm,
)
HANDLERS: tuple[HTTPRouteHandler, ...] = (
    *sign_in.HANDLERS,
    *sessions.HANDLERS,
    *devices.HANDLERS,
    *me.HANDLERS,
    *consents.HANDLERS,
    *access_log.HANDLERS,
    *check_ins.HANDLERS,
    *batches.HANDLERS,
    *changes.HANDLERS,
    *nudges.HANDLERS,
    *nudge_plans.HANDLERS,
    *help_requests.HANDLERS,
    *mentees.HANDLERS,
    *groups.HANDLERS,
    *alerts.HANDLERS,
    *alert_rules.HANDLERS,
    *alert_answers.HANDLERS,
    *mentors.HANDLERS,
    *people.HANDLERS,
    *people_import.HANDLERS,
    *assignments.HANDLERS,
    *programs.HANDLERS,
    *program_rules.HANDLERS,
    *holidays.HANDLERS,
    *webhooks.HANDLERS,
    *health.HANDLERS,
)
