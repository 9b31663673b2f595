\restrict dbmate

-- Dumped from database version 18.4
-- Dumped by pg_dump version 18.4

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: lane; Type: TYPE; Schema: public; Owner: -
--

CREATE TYPE public.lane AS ENUM (
    'crisis',
    'alert',
    'reply',
    'code',
    'nudge'
);


--
-- Name: urgency; Type: TYPE; Schema: public; Owner: -
--

CREATE TYPE public.urgency AS ENUM (
    'now',
    'soon',
    'hours',
    'digest'
);


--
-- Name: refuse_change(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    raise exception '% rows are only ever added', tg_table_name using errcode = 'insufficient_privilege';
end
$$;


--
-- Name: refuse_two_primaries(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.refuse_two_primaries() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    perform 1 from people where id = new.mentee_id for no key update;
    if exists (select 1
                 from assignments a
                where a.mentee_id = new.mentee_id
                  and a.kind = 'primary'
                  and a.id <> new.id
                  and tstzrange(a.starts_at, a.ends_at) && tstzrange(new.starts_at, new.ends_at)) then
        raise exception 'a mentee has one primary mentor at a time' using errcode = 'exclusion_violation';
    end if;
    return new;
end
$$;


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: absences; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.absences (
    mentor_id uuid NOT NULL,
    id uuid NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    cover_id uuid,
    CONSTRAINT absences_check CHECK ((ends_at > starts_at)),
    CONSTRAINT absences_check1 CHECK ((cover_id <> mentor_id))
);


--
-- Name: alert_links; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.alert_links (
    mentee_id uuid NOT NULL,
    id uuid NOT NULL,
    alert_id uuid NOT NULL,
    person_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    made_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    asked_for boolean NOT NULL,
    used_at timestamp with time zone,
    session_hash bytea,
    session_until timestamp with time zone,
    CONSTRAINT alert_links_check CHECK ((expires_at > made_at)),
    CONSTRAINT alert_links_check1 CHECK (((used_at IS NULL) = (session_hash IS NULL))),
    CONSTRAINT alert_links_check2 CHECK (((used_at IS NULL) = (session_until IS NULL))),
    CONSTRAINT alert_links_session_hash_check CHECK ((octet_length(session_hash) = 32)),
    CONSTRAINT alert_links_token_hash_check CHECK ((octet_length(token_hash) = 32))
);


--
-- Name: alert_numbers; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.alert_numbers
    AS integer
    START WITH 11
    INCREMENT BY 1
    MINVALUE 11
    MAXVALUE 99999
    CACHE 1
    CYCLE;


--
-- Name: alert_steps; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.alert_steps (
    mentee_id uuid NOT NULL,
    alert_id uuid NOT NULL,
    step smallint NOT NULL,
    person_id uuid,
    role text NOT NULL,
    result text NOT NULL,
    message_id uuid,
    at timestamp with time zone NOT NULL,
    outside boolean DEFAULT false NOT NULL,
    through text DEFAULT 'sms'::text NOT NULL,
    became text,
    became_at timestamp with time zone,
    became_through text,
    CONSTRAINT alert_steps_answered_check CHECK ((((became IS NULL) = (became_at IS NULL)) AND ((became IS NULL) OR (result = 'asked'::text)))),
    CONSTRAINT alert_steps_became_check CHECK ((became = ANY (ARRAY['taken'::text, 'taken_by_other'::text, 'put_off'::text, 'passed'::text, 'closed'::text, 'unanswered'::text, 'undelivered'::text]))),
    CONSTRAINT alert_steps_became_through_check CHECK ((became_through = ANY (ARRAY['sms'::text, 'app'::text, 'web'::text]))),
    CONSTRAINT alert_steps_check CHECK (((result = 'asked'::text) = (message_id IS NOT NULL))),
    CONSTRAINT alert_steps_result_check CHECK ((result = ANY (ARRAY['asked'::text, 'empty'::text, 'away'::text, 'no_phone'::text, 'opted_out'::text, 'unreachable'::text, 'over_limit'::text, 'off_hours'::text, 'no_consent'::text, 'already'::text]))),
    CONSTRAINT alert_steps_role_check CHECK ((role = ANY (ARRAY['mentor'::text, 'cover'::text, 'facilitator'::text, 'clinical_contact'::text, 'coordinator'::text, 'on_call'::text]))),
    CONSTRAINT alert_steps_through_check CHECK ((through = ANY (ARRAY['sms'::text, 'push'::text])))
);


--
-- Name: alerts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.alerts (
    mentee_id uuid NOT NULL,
    id uuid NOT NULL,
    number integer DEFAULT nextval('public.alert_numbers'::regclass) NOT NULL,
    kind text NOT NULL,
    evidence jsonb NOT NULL,
    raised_at timestamp with time zone NOT NULL,
    step smallint DEFAULT 0 NOT NULL,
    rung smallint DEFAULT 0 NOT NULL,
    owner_id uuid,
    next_step_at timestamp with time zone,
    acknowledged_at timestamp with time zone,
    acknowledged_by uuid,
    acknowledged_through text,
    resolved_at timestamp with time zone,
    outcome text,
    outcome_note bytea,
    urgency public.urgency DEFAULT 'hours'::public.urgency NOT NULL,
    follows_id uuid,
    CONSTRAINT alerts_acknowledged_through_check CHECK ((acknowledged_through = ANY (ARRAY['sms'::text, 'app'::text, 'web'::text]))),
    CONSTRAINT alerts_check CHECK (((resolved_at IS NULL) OR (next_step_at IS NULL))),
    CONSTRAINT alerts_check1 CHECK (((acknowledged_at IS NULL) = (acknowledged_by IS NULL))),
    CONSTRAINT alerts_check2 CHECK (((resolved_at IS NOT NULL) OR (acknowledged_at IS NOT NULL) OR (next_step_at IS NOT NULL))),
    CONSTRAINT alerts_evidence_check CHECK ((jsonb_typeof(evidence) = 'array'::text)),
    CONSTRAINT alerts_kind_check CHECK ((kind = ANY (ARRAY['trend'::text, 'silence'::text, 'crisis'::text, 'call_me'::text, 'practical_help'::text, 'opted_out'::text, 'came_back'::text, 'unreachable'::text]))),
    CONSTRAINT alerts_outcome_check CHECK ((outcome = ANY (ARRAY['talked'::text, 'left_message'::text, 'no_answer'::text, 'safe'::text, 'referred'::text])))
);


--
-- Name: assignments; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.assignments (
    mentee_id uuid NOT NULL,
    id uuid NOT NULL,
    mentor_id uuid NOT NULL,
    kind text NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone,
    CONSTRAINT assignments_check CHECK ((ends_at > starts_at)),
    CONSTRAINT assignments_check1 CHECK ((mentee_id <> mentor_id)),
    CONSTRAINT assignments_kind_check CHECK ((kind = ANY (ARRAY['primary'::text, 'cover'::text, 'facilitator'::text, 'clinical_contact'::text])))
);


--
-- Name: audit; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit (
    person_id uuid NOT NULL,
    id uuid NOT NULL,
    actor_id uuid,
    actor text NOT NULL,
    action text NOT NULL,
    about text,
    at timestamp with time zone NOT NULL,
    CONSTRAINT audit_actor_check CHECK ((actor = ANY (ARRAY['mentee'::text, 'mentor'::text, 'coordinator'::text, 'operator'::text, 'system'::text])))
);


--
-- Name: availability; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.availability (
    person_id uuid NOT NULL,
    hours jsonb,
    digest_at time without time zone,
    alert_limit smallint,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT availability_alert_limit_check CHECK (((alert_limit >= 1) AND (alert_limit <= 100))),
    CONSTRAINT availability_hours_check CHECK (((jsonb_typeof(hours) = 'array'::text) AND ((jsonb_array_length(hours) >= 1) AND (jsonb_array_length(hours) <= 28))))
);


--
-- Name: carrier_unknowns; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.carrier_unknowns (
    kind text NOT NULL,
    code integer DEFAULT 0 NOT NULL,
    times bigint NOT NULL,
    last_at timestamp with time zone NOT NULL,
    CONSTRAINT carrier_unknowns_check CHECK (((kind = 'code'::text) = (code <> 0))),
    CONSTRAINT carrier_unknowns_kind_check CHECK ((kind = ANY (ARRAY['message'::text, 'word'::text, 'code'::text]))),
    CONSTRAINT carrier_unknowns_times_check CHECK ((times > 0))
);


--
-- Name: check_in_history; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.check_in_history (
    mentee_id uuid NOT NULL,
    day date NOT NULL,
    id uuid NOT NULL,
    mood smallint,
    hope smallint,
    skipped boolean NOT NULL,
    note bytea,
    note_shared boolean NOT NULL,
    answered_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    time_zone text NOT NULL,
    source text NOT NULL,
    replaced_at timestamp with time zone NOT NULL
);


--
-- Name: check_ins; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.check_ins (
    mentee_id uuid NOT NULL,
    day date NOT NULL,
    id uuid NOT NULL,
    mood smallint,
    hope smallint,
    skipped boolean DEFAULT false NOT NULL,
    note bytea,
    note_shared boolean DEFAULT false NOT NULL,
    answered_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    time_zone text NOT NULL,
    source text NOT NULL,
    CONSTRAINT check_ins_check CHECK (((NOT skipped) OR ((mood IS NULL) AND (hope IS NULL)))),
    CONSTRAINT check_ins_check1 CHECK ((skipped OR (mood IS NOT NULL) OR (hope IS NOT NULL) OR (note IS NOT NULL))),
    CONSTRAINT check_ins_hope_check CHECK (((hope >= 0) AND (hope <= 10))),
    CONSTRAINT check_ins_mood_check CHECK (((mood >= 0) AND (mood <= 10))),
    CONSTRAINT check_ins_source_check CHECK ((source = ANY (ARRAY['app'::text, 'sms'::text, 'web'::text, 'import'::text])))
);


--
-- Name: consents; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.consents (
    person_id uuid NOT NULL,
    purpose text NOT NULL,
    given_at timestamp with time zone NOT NULL,
    version text NOT NULL,
    source text NOT NULL,
    withdrawn_at timestamp with time zone,
    withdrawn_source text,
    CONSTRAINT consents_check CHECK ((withdrawn_at >= given_at)),
    CONSTRAINT consents_check1 CHECK (((withdrawn_at IS NULL) = (withdrawn_source IS NULL))),
    CONSTRAINT consents_purpose_check CHECK ((purpose = ANY (ARRAY['check_ins_by_sms'::text, 'notes_to_mentor'::text, 'clinical_contact'::text, 'evaluation'::text]))),
    CONSTRAINT consents_source_check CHECK ((source = ANY (ARRAY['sms'::text, 'app'::text, 'web'::text, 'paper'::text, 'carrier'::text]))),
    CONSTRAINT consents_withdrawn_source_check CHECK ((withdrawn_source = ANY (ARRAY['sms'::text, 'app'::text, 'web'::text, 'paper'::text, 'carrier'::text])))
);


--
-- Name: devices; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.devices (
    person_id uuid NOT NULL,
    id uuid NOT NULL,
    platform text NOT NULL,
    app_version text NOT NULL,
    push_token bytea,
    push_token_hash bytea,
    added_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    push_provider text,
    session_id uuid,
    CONSTRAINT devices_app_version_check CHECK (((char_length(app_version) >= 1) AND (char_length(app_version) <= 32))),
    CONSTRAINT devices_check CHECK (((push_token IS NULL) = (push_token_hash IS NULL))),
    CONSTRAINT devices_platform_check CHECK ((platform = ANY (ARRAY['ios'::text, 'android'::text, 'web'::text]))),
    CONSTRAINT devices_push_provider_check CHECK ((push_provider = ANY (ARRAY['fcm'::text, 'web_push'::text]))),
    CONSTRAINT devices_push_token_hash_check CHECK ((octet_length(push_token_hash) = 32)),
    CONSTRAINT devices_push_whole_check CHECK (((push_provider IS NULL) = (push_token IS NULL)))
);


--
-- Name: feed_items; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.feed_items (
    person_id uuid NOT NULL,
    kind text NOT NULL,
    id text NOT NULL,
    version bigint NOT NULL,
    tag bytea NOT NULL,
    gone_at timestamp with time zone,
    CONSTRAINT feed_items_tag_check CHECK ((octet_length(tag) = 16)),
    CONSTRAINT feed_items_version_check CHECK ((version > 0))
);


--
-- Name: feeds; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.feeds (
    person_id uuid NOT NULL,
    id uuid NOT NULL,
    instance text,
    version bigint DEFAULT 0 NOT NULL,
    forgotten bigint DEFAULT 0 NOT NULL,
    CONSTRAINT feeds_check CHECK (((forgotten >= 0) AND (forgotten <= version))),
    CONSTRAINT feeds_version_check CHECK ((version >= 0))
);


--
-- Name: help_requests; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.help_requests (
    mentee_id uuid NOT NULL,
    id uuid NOT NULL,
    alert_id uuid NOT NULL,
    topic text NOT NULL,
    words bytea,
    source text NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    due_on date NOT NULL,
    closed_at timestamp with time zone,
    closed_by uuid,
    outcome text,
    outcome_note bytea,
    CONSTRAINT help_requests_check CHECK ((closed_at >= asked_at)),
    CONSTRAINT help_requests_check1 CHECK ((((closed_at IS NULL) = (closed_by IS NULL)) AND ((closed_at IS NULL) = (outcome IS NULL)))),
    CONSTRAINT help_requests_check2 CHECK (((outcome_note IS NULL) OR (closed_at IS NOT NULL))),
    CONSTRAINT help_requests_outcome_check CHECK ((outcome = ANY (ARRAY['helped'::text, 'referred'::text, 'not_needed'::text, 'not_possible'::text]))),
    CONSTRAINT help_requests_source_check CHECK ((source = ANY (ARRAY['sms'::text, 'app'::text]))),
    CONSTRAINT help_requests_topic_check CHECK ((topic = ANY (ARRAY['benefits'::text, 'transport'::text, 'housing'::text, 'food'::text, 'work'::text, 'health'::text, 'other'::text])))
);


--
-- Name: holidays; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.holidays (
    program_id uuid NOT NULL,
    day date NOT NULL,
    name text NOT NULL,
    CONSTRAINT holidays_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 80)))
);


--
-- Name: inbox; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.inbox (
    provider_sid text NOT NULL,
    person_id uuid,
    body bytea NOT NULL,
    body_hash bytea NOT NULL,
    reading text NOT NULL,
    received_at timestamp with time zone NOT NULL,
    tier text DEFAULT 'none'::text NOT NULL,
    CONSTRAINT inbox_provider_sid_check CHECK (((char_length(provider_sid) >= 1) AND (char_length(provider_sid) <= 64))),
    CONSTRAINT inbox_tier_check CHECK ((tier = ANY (ARRAY['A'::text, 'B'::text, 'C'::text, 'none'::text])))
);


--
-- Name: kept_answers; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.kept_answers (
    person_id uuid NOT NULL,
    id uuid NOT NULL,
    said_hash bytea NOT NULL,
    status smallint NOT NULL,
    body bytea NOT NULL,
    kept_at timestamp with time zone NOT NULL,
    CONSTRAINT kept_answers_said_hash_check CHECK ((octet_length(said_hash) = 32)),
    CONSTRAINT kept_answers_status_check CHECK (((status >= 200) AND (status <= 499)))
);


--
-- Name: limited_uses; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.limited_uses (
    key bytea NOT NULL,
    at timestamp with time zone NOT NULL,
    id uuid NOT NULL,
    CONSTRAINT limited_uses_key_check CHECK ((octet_length(key) = 32))
);


--
-- Name: nudge_plans; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.nudge_plans (
    mentee_id uuid NOT NULL,
    times time without time zone[] DEFAULT '{18:00:00}'::time without time zone[] NOT NULL,
    weekdays smallint[] DEFAULT '{1,2,3,4,5,6,7}'::smallint[] NOT NULL,
    quiet_from time without time zone DEFAULT '21:00:00'::time without time zone NOT NULL,
    quiet_until time without time zone DEFAULT '08:00:00'::time without time zone NOT NULL,
    next_nudge_at timestamp with time zone,
    silence_check_at timestamp with time zone,
    CONSTRAINT nudge_plans_times_check CHECK (((cardinality(times) >= 1) AND (cardinality(times) <= 6))),
    CONSTRAINT nudge_plans_weekdays_check CHECK ((weekdays <@ '{1,2,3,4,5,6,7}'::smallint[]))
)
WITH (fillfactor='80');


--
-- Name: nudges; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.nudges (
    mentee_id uuid NOT NULL,
    day date NOT NULL,
    kind text NOT NULL,
    due_at timestamp with time zone NOT NULL,
    decided_at timestamp with time zone NOT NULL,
    decision text NOT NULL,
    message_id uuid,
    CONSTRAINT nudges_check CHECK (((decision = 'sent'::text) = (message_id IS NOT NULL))),
    CONSTRAINT nudges_kind_check CHECK ((kind = ANY (ARRAY['nudge'::text, 'reminder'::text])))
);


--
-- Name: on_call; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.on_call (
    program_id uuid NOT NULL,
    person_id uuid NOT NULL,
    since timestamp with time zone NOT NULL
);


--
-- Name: outbox; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.outbox (
    mentee_id uuid NOT NULL,
    id uuid NOT NULL,
    person_id uuid,
    lane public.lane NOT NULL,
    dedupe_key text NOT NULL,
    day date,
    phone bytea NOT NULL,
    phone_hash bytea NOT NULL,
    body bytea,
    status text DEFAULT 'queued'::text NOT NULL,
    not_before timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    attempts smallint DEFAULT 0 NOT NULL,
    attempt_id uuid,
    claimed_until timestamp with time zone,
    provider_sid text,
    error_code integer,
    created_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone,
    settled_at timestamp with time zone,
    claimed_at timestamp with time zone,
    way text DEFAULT 'sms'::text NOT NULL,
    fell_back text,
    CONSTRAINT outbox_check CHECK ((expires_at > not_before)),
    CONSTRAINT outbox_check1 CHECK (((status <> ALL (ARRAY['claimed'::text, 'uncertain'::text])) OR (claimed_until IS NOT NULL))),
    CONSTRAINT outbox_fell_back_check CHECK ((fell_back = ANY (ARRAY['no_device'::text, 'stopped'::text, 'gone'::text, 'refused'::text, 'busy'::text]))),
    CONSTRAINT outbox_status_check CHECK ((status = ANY (ARRAY['queued'::text, 'claimed'::text, 'sent'::text, 'delivered'::text, 'undelivered'::text, 'failed'::text, 'uncertain'::text, 'expired'::text, 'cancelled'::text]))),
    CONSTRAINT outbox_way_check CHECK ((way = ANY (ARRAY['sms'::text, 'push'::text])))
);


--
-- Name: pauses; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.pauses (
    mentee_id uuid NOT NULL,
    id uuid NOT NULL,
    starts_on date NOT NULL,
    until date NOT NULL,
    source text NOT NULL,
    made_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT pauses_check CHECK ((starts_on < until)),
    CONSTRAINT pauses_source_check CHECK ((source = ANY (ARRAY['sms'::text, 'app'::text, 'coordinator'::text, 'operator'::text])))
);


--
-- Name: people; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.people (
    id uuid NOT NULL,
    program_id uuid NOT NULL,
    roles text[] NOT NULL,
    status text NOT NULL,
    name bytea NOT NULL,
    phone bytea,
    phone_hash bytea,
    language text NOT NULL,
    time_zone text NOT NULL,
    opted_out_at timestamp with time zone,
    unreachable_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    nudges_by text DEFAULT 'sms'::text NOT NULL,
    CONSTRAINT people_check CHECK (((phone IS NULL) = (phone_hash IS NULL))),
    CONSTRAINT people_language_check CHECK ((language = ANY (ARRAY['en'::text, 'es'::text]))),
    CONSTRAINT people_nudges_by_check CHECK ((nudges_by = ANY (ARRAY['sms'::text, 'push'::text]))),
    CONSTRAINT people_phone_hash_check CHECK ((octet_length(phone_hash) = 32)),
    CONSTRAINT people_roles_check CHECK (((roles <@ ARRAY['mentee'::text, 'mentor'::text, 'coordinator'::text]) AND (cardinality(roles) > 0))),
    CONSTRAINT people_status_check CHECK ((status = ANY (ARRAY['invited'::text, 'active'::text, 'ended'::text])))
);


--
-- Name: program_routing; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.program_routing (
    program_id uuid NOT NULL,
    source text NOT NULL,
    set_at timestamp with time zone NOT NULL,
    CONSTRAINT program_routing_source_check CHECK (((char_length(source) >= 1) AND (char_length(source) <= 20000)))
);


--
-- Name: program_texts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.program_texts (
    program_id uuid NOT NULL,
    text text NOT NULL,
    language text NOT NULL,
    body text NOT NULL,
    CONSTRAINT program_texts_body_check CHECK (((char_length(body) >= 1) AND (char_length(body) <= 480))),
    CONSTRAINT program_texts_language_check CHECK ((language = ANY (ARRAY['en'::text, 'es'::text])))
);


--
-- Name: programs; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.programs (
    id uuid NOT NULL,
    name text NOT NULL,
    country text DEFAULT 'US'::text NOT NULL,
    time_zone text NOT NULL,
    texts_from time without time zone DEFAULT '08:00:00'::time without time zone NOT NULL,
    texts_until time without time zone DEFAULT '21:00:00'::time without time zone NOT NULL,
    false_alerts_per_year smallint DEFAULT 2 NOT NULL,
    pass_on_after interval DEFAULT '04:00:00'::interval NOT NULL,
    created_at timestamp with time zone NOT NULL,
    crisis_line text,
    first_names boolean DEFAULT false NOT NULL,
    activated_at timestamp with time zone,
    CONSTRAINT programs_check CHECK ((texts_from < texts_until)),
    CONSTRAINT programs_country_check CHECK ((country ~ '^[A-Z]{2}$'::text)),
    CONSTRAINT programs_crisis_line_check CHECK (((char_length(crisis_line) >= 3) AND (char_length(crisis_line) <= 60))),
    CONSTRAINT programs_false_alerts_per_year_check CHECK ((false_alerts_per_year = ANY (ARRAY[1, 2, 3, 4, 6]))),
    CONSTRAINT programs_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 80))),
    CONSTRAINT programs_pass_on_after_check CHECK (((pass_on_after >= '00:01:00'::interval) AND (pass_on_after <= '7 days'::interval)))
);


--
-- Name: sandbox_clock; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.sandbox_clock (
    single boolean DEFAULT true NOT NULL,
    ahead interval DEFAULT '00:00:00'::interval NOT NULL,
    CONSTRAINT sandbox_clock_ahead_check CHECK ((ahead >= '00:00:00'::interval)),
    CONSTRAINT sandbox_clock_single_check CHECK (single)
);


--
-- Name: sandbox_texts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.sandbox_texts (
    sid text NOT NULL,
    phone_hash bytea NOT NULL,
    direction text NOT NULL,
    body bytea NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT sandbox_texts_direction_check CHECK ((direction = ANY (ARRAY['to_phone'::text, 'from_phone'::text])))
);


--
-- Name: schema_migrations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.schema_migrations (
    version character varying NOT NULL
);


--
-- Name: senders; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.senders (
    name text NOT NULL,
    tokens double precision DEFAULT 0 NOT NULL,
    filled_at timestamp with time zone NOT NULL,
    failures smallint DEFAULT 0 NOT NULL,
    openings smallint DEFAULT 0 NOT NULL,
    open_until timestamp with time zone,
    probe uuid,
    paused_at timestamp with time zone,
    paused_because text,
    instance text,
    heard_at timestamp with time zone,
    reported smallint DEFAULT 0 NOT NULL,
    CONSTRAINT senders_check CHECK (((paused_at IS NULL) = (paused_because IS NULL))),
    CONSTRAINT senders_failures_check CHECK ((failures >= 0)),
    CONSTRAINT senders_openings_check CHECK ((openings >= 0)),
    CONSTRAINT senders_paused_because_check CHECK ((paused_because = ANY (ARRAY['operator'::text, 'moved'::text]))),
    CONSTRAINT senders_reported_check CHECK ((reported >= 0)),
    CONSTRAINT senders_tokens_check CHECK ((tokens >= (0)::double precision))
);


--
-- Name: sessions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.sessions (
    person_id uuid NOT NULL,
    id uuid NOT NULL,
    device_id uuid,
    secret_hash bytea NOT NULL,
    generation integer DEFAULT 0 NOT NULL,
    began_at timestamp with time zone NOT NULL,
    renewed_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    ended_because text,
    CONSTRAINT sessions_check CHECK ((expires_at > renewed_at)),
    CONSTRAINT sessions_check1 CHECK (((ended_at IS NULL) = (ended_because IS NULL))),
    CONSTRAINT sessions_ended_because_check CHECK ((ended_because = ANY (ARRAY['signed_out'::text, 'replaced'::text, 'reused'::text]))),
    CONSTRAINT sessions_generation_check CHECK ((generation >= 0)),
    CONSTRAINT sessions_secret_hash_check CHECK ((octet_length(secret_hash) = 32))
);


--
-- Name: sign_in_codes; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.sign_in_codes (
    id uuid NOT NULL,
    phone bytea,
    phone_hash bytea NOT NULL,
    device_hash bytea,
    person_id uuid,
    code_hash bytea,
    asked_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    send_at timestamp with time zone,
    tries smallint DEFAULT 0 NOT NULL,
    used_at timestamp with time zone,
    key_hash bytea,
    CONSTRAINT sign_in_codes_check CHECK ((expires_at > asked_at)),
    CONSTRAINT sign_in_codes_check1 CHECK (((person_id IS NULL) = (code_hash IS NULL))),
    CONSTRAINT sign_in_codes_check2 CHECK (((send_at IS NULL) = (phone IS NULL))),
    CONSTRAINT sign_in_codes_code_hash_check CHECK ((octet_length(code_hash) = 32)),
    CONSTRAINT sign_in_codes_device_hash_check CHECK ((octet_length(device_hash) = 32)),
    CONSTRAINT sign_in_codes_key_hash_check CHECK ((octet_length(key_hash) = 32)),
    CONSTRAINT sign_in_codes_phone_hash_check CHECK ((octet_length(phone_hash) = 32)),
    CONSTRAINT sign_in_codes_tries_check CHECK (((tries >= 0) AND (tries <= 5)))
);


--
-- Name: trend_states; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.trend_states (
    mentee_id uuid NOT NULL,
    version integer DEFAULT 0 NOT NULL,
    trail bytea NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT trend_states_trail_check CHECK ((octet_length(trail) < 1024))
)
WITH (fillfactor='70');


--
-- Name: zone_history; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.zone_history (
    mentee_id uuid NOT NULL,
    since timestamp with time zone NOT NULL,
    zone text NOT NULL,
    source text NOT NULL,
    CONSTRAINT zone_history_source_check CHECK ((source = ANY (ARRAY['enrolment'::text, 'app'::text, 'coordinator'::text, 'operator'::text])))
);


--
-- Name: absences absences_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.absences
    ADD CONSTRAINT absences_pkey PRIMARY KEY (mentor_id, id);


--
-- Name: alert_links alert_links_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.alert_links
    ADD CONSTRAINT alert_links_pkey PRIMARY KEY (mentee_id, id);


--
-- Name: alert_steps alert_steps_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.alert_steps
    ADD CONSTRAINT alert_steps_pkey PRIMARY KEY (mentee_id, alert_id, step);


--
-- Name: alerts alerts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT alerts_pkey PRIMARY KEY (mentee_id, id);


--
-- Name: assignments assignments_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.assignments
    ADD CONSTRAINT assignments_pkey PRIMARY KEY (mentee_id, id);


--
-- Name: audit audit_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (person_id, id);


--
-- Name: availability availability_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.availability
    ADD CONSTRAINT availability_pkey PRIMARY KEY (person_id);


--
-- Name: carrier_unknowns carrier_unknowns_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.carrier_unknowns
    ADD CONSTRAINT carrier_unknowns_pkey PRIMARY KEY (kind, code);


--
-- Name: check_in_history check_in_history_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.check_in_history
    ADD CONSTRAINT check_in_history_pkey PRIMARY KEY (mentee_id, day, id);


--
-- Name: check_ins check_ins_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.check_ins
    ADD CONSTRAINT check_ins_pkey PRIMARY KEY (mentee_id, day);


--
-- Name: consents consents_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.consents
    ADD CONSTRAINT consents_pkey PRIMARY KEY (person_id, purpose, given_at);


--
-- Name: devices devices_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.devices
    ADD CONSTRAINT devices_pkey PRIMARY KEY (person_id, id);


--
-- Name: feed_items feed_items_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.feed_items
    ADD CONSTRAINT feed_items_pkey PRIMARY KEY (person_id, kind, id);


--
-- Name: feeds feeds_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.feeds
    ADD CONSTRAINT feeds_pkey PRIMARY KEY (person_id);


--
-- Name: help_requests help_requests_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.help_requests
    ADD CONSTRAINT help_requests_pkey PRIMARY KEY (mentee_id, id);


--
-- Name: holidays holidays_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.holidays
    ADD CONSTRAINT holidays_pkey PRIMARY KEY (program_id, day);


--
-- Name: inbox inbox_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (provider_sid);


--
-- Name: kept_answers kept_answers_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.kept_answers
    ADD CONSTRAINT kept_answers_pkey PRIMARY KEY (person_id, id);


--
-- Name: limited_uses limited_uses_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.limited_uses
    ADD CONSTRAINT limited_uses_pkey PRIMARY KEY (key, at, id);


--
-- Name: nudge_plans nudge_plans_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.nudge_plans
    ADD CONSTRAINT nudge_plans_pkey PRIMARY KEY (mentee_id);


--
-- Name: nudges nudges_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.nudges
    ADD CONSTRAINT nudges_pkey PRIMARY KEY (mentee_id, day, kind);


--
-- Name: on_call on_call_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.on_call
    ADD CONSTRAINT on_call_pkey PRIMARY KEY (program_id, person_id);


--
-- Name: outbox outbox_mentee_id_dedupe_key_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_mentee_id_dedupe_key_key UNIQUE (mentee_id, dedupe_key);


--
-- Name: outbox outbox_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (mentee_id, id);


--
-- Name: pauses pauses_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.pauses
    ADD CONSTRAINT pauses_pkey PRIMARY KEY (mentee_id, id);


--
-- Name: people people_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.people
    ADD CONSTRAINT people_pkey PRIMARY KEY (id);


--
-- Name: program_routing program_routing_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.program_routing
    ADD CONSTRAINT program_routing_pkey PRIMARY KEY (program_id);


--
-- Name: program_texts program_texts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.program_texts
    ADD CONSTRAINT program_texts_pkey PRIMARY KEY (program_id, text, language);


--
-- Name: programs programs_name_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.programs
    ADD CONSTRAINT programs_name_key UNIQUE (name);


--
-- Name: programs programs_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.programs
    ADD CONSTRAINT programs_pkey PRIMARY KEY (id);


--
-- Name: sandbox_clock sandbox_clock_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sandbox_clock
    ADD CONSTRAINT sandbox_clock_pkey PRIMARY KEY (single);


--
-- Name: sandbox_texts sandbox_texts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sandbox_texts
    ADD CONSTRAINT sandbox_texts_pkey PRIMARY KEY (sid);


--
-- Name: schema_migrations schema_migrations_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);


--
-- Name: senders senders_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.senders
    ADD CONSTRAINT senders_pkey PRIMARY KEY (name);


--
-- Name: sessions sessions_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (person_id, id);


--
-- Name: sign_in_codes sign_in_codes_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sign_in_codes
    ADD CONSTRAINT sign_in_codes_pkey PRIMARY KEY (id);


--
-- Name: trend_states trend_states_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.trend_states
    ADD CONSTRAINT trend_states_pkey PRIMARY KEY (mentee_id);


--
-- Name: zone_history zone_history_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.zone_history
    ADD CONSTRAINT zone_history_pkey PRIMARY KEY (mentee_id, since);


--
-- Name: absences_by_cover; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX absences_by_cover ON public.absences USING btree (cover_id) WHERE (cover_id IS NOT NULL);


--
-- Name: alert_links_asked_for; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX alert_links_asked_for ON public.alert_links USING btree (person_id, made_at) WHERE asked_for;


--
-- Name: alert_links_by_session; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX alert_links_by_session ON public.alert_links USING btree (session_hash) WHERE (session_hash IS NOT NULL);


--
-- Name: alert_links_by_token; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX alert_links_by_token ON public.alert_links USING btree (token_hash);


--
-- Name: alert_steps_by_message; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX alert_steps_by_message ON public.alert_steps USING btree (message_id) WHERE (message_id IS NOT NULL);


--
-- Name: alert_steps_by_person; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX alert_steps_by_person ON public.alert_steps USING btree (person_id);


--
-- Name: alerts_by_id; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX alerts_by_id ON public.alerts USING btree (id);


--
-- Name: alerts_due; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX alerts_due ON public.alerts USING btree (next_step_at) WHERE (next_step_at IS NOT NULL);


--
-- Name: alerts_held; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX alerts_held ON public.alerts USING btree (acknowledged_by) WHERE ((acknowledged_by IS NOT NULL) AND (resolved_at IS NULL));


--
-- Name: alerts_one_open; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX alerts_one_open ON public.alerts USING btree (mentee_id, kind) WHERE (resolved_at IS NULL);


--
-- Name: alerts_open_by_number; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX alerts_open_by_number ON public.alerts USING btree (number) WHERE (resolved_at IS NULL);


--
-- Name: alerts_open_by_owner; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX alerts_open_by_owner ON public.alerts USING btree (owner_id) WHERE (resolved_at IS NULL);


--
-- Name: assignments_by_id; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX assignments_by_id ON public.assignments USING btree (id);


--
-- Name: assignments_by_mentor; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX assignments_by_mentor ON public.assignments USING btree (mentor_id);


--
-- Name: assignments_one_primary; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX assignments_one_primary ON public.assignments USING btree (mentee_id) WHERE ((kind = 'primary'::text) AND (ends_at IS NULL));


--
-- Name: consents_one_standing; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX consents_one_standing ON public.consents USING btree (person_id, purpose) WHERE (withdrawn_at IS NULL);


--
-- Name: devices_one_owner; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX devices_one_owner ON public.devices USING btree (push_token_hash) WHERE (push_token_hash IS NOT NULL);


--
-- Name: feed_items_gone; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX feed_items_gone ON public.feed_items USING btree (gone_at) WHERE (gone_at IS NOT NULL);


--
-- Name: help_requests_by_alert; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX help_requests_by_alert ON public.help_requests USING btree (mentee_id, alert_id);


--
-- Name: help_requests_by_id; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX help_requests_by_id ON public.help_requests USING btree (id);


--
-- Name: inbox_by_person; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX inbox_by_person ON public.inbox USING btree (person_id, received_at);


--
-- Name: kept_answers_by_age; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX kept_answers_by_age ON public.kept_answers USING btree (kept_at);


--
-- Name: limited_uses_by_age; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX limited_uses_by_age ON public.limited_uses USING btree (at);


--
-- Name: nudge_plans_due; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX nudge_plans_due ON public.nudge_plans USING btree (next_nudge_at) WHERE (next_nudge_at IS NOT NULL);


--
-- Name: nudge_plans_silence; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX nudge_plans_silence ON public.nudge_plans USING btree (silence_check_at) WHERE (silence_check_at IS NOT NULL);


--
-- Name: nudges_decided; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX nudges_decided ON public.nudges USING brin (decided_at) WITH (autosummarize='on');


--
-- Name: outbox_by_id; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX outbox_by_id ON public.outbox USING btree (id);


--
-- Name: outbox_by_sid; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX outbox_by_sid ON public.outbox USING btree (provider_sid) WHERE (provider_sid IS NOT NULL);


--
-- Name: outbox_due; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX outbox_due ON public.outbox USING btree (lane, not_before) WHERE (status = 'queued'::text);


--
-- Name: outbox_leased; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX outbox_leased ON public.outbox USING btree (claimed_until) WHERE (status = ANY (ARRAY['claimed'::text, 'uncertain'::text]));


--
-- Name: outbox_pushes; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX outbox_pushes ON public.outbox USING btree (lane, not_before) WHERE ((status = 'queued'::text) AND (way = 'push'::text));


--
-- Name: outbox_waiting_by_phone; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX outbox_waiting_by_phone ON public.outbox USING btree (phone_hash) WHERE (status = ANY (ARRAY['queued'::text, 'claimed'::text, 'uncertain'::text]));


--
-- Name: people_by_phone; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX people_by_phone ON public.people USING btree (phone_hash) WHERE (phone_hash IS NOT NULL);


--
-- Name: people_by_program; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX people_by_program ON public.people USING btree (program_id);


--
-- Name: people_by_push; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX people_by_push ON public.people USING btree (id) WHERE (nudges_by = 'push'::text);


--
-- Name: people_listed; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX people_listed ON public.people USING btree (program_id, id);


--
-- Name: sandbox_texts_by_phone; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX sandbox_texts_by_phone ON public.sandbox_texts USING btree (phone_hash, at);


--
-- Name: sessions_by_age; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX sessions_by_age ON public.sessions USING btree (expires_at);


--
-- Name: sign_in_codes_by_age; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX sign_in_codes_by_age ON public.sign_in_codes USING btree (asked_at);


--
-- Name: sign_in_codes_by_phone; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX sign_in_codes_by_phone ON public.sign_in_codes USING btree (phone_hash, asked_at);


--
-- Name: sign_in_codes_unsent; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX sign_in_codes_unsent ON public.sign_in_codes USING btree (send_at) WHERE (send_at IS NOT NULL);


--
-- Name: assignments assignments_one_primary_at_a_time; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER assignments_one_primary_at_a_time BEFORE INSERT OR UPDATE ON public.assignments FOR EACH ROW WHEN ((new.kind = 'primary'::text)) EXECUTE FUNCTION public.refuse_two_primaries();


--
-- Name: audit audit_only_grows; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER audit_only_grows BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();


--
-- Name: absences absences_cover_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.absences
    ADD CONSTRAINT absences_cover_id_fkey FOREIGN KEY (cover_id) REFERENCES public.people(id);


--
-- Name: absences absences_mentor_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.absences
    ADD CONSTRAINT absences_mentor_id_fkey FOREIGN KEY (mentor_id) REFERENCES public.people(id);


--
-- Name: alert_links alert_links_mentee_id_alert_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.alert_links
    ADD CONSTRAINT alert_links_mentee_id_alert_id_fkey FOREIGN KEY (mentee_id, alert_id) REFERENCES public.alerts(mentee_id, id);


--
-- Name: alert_links alert_links_person_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.alert_links
    ADD CONSTRAINT alert_links_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(id);


--
-- Name: alert_steps alert_steps_mentee_id_alert_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.alert_steps
    ADD CONSTRAINT alert_steps_mentee_id_alert_id_fkey FOREIGN KEY (mentee_id, alert_id) REFERENCES public.alerts(mentee_id, id);


--
-- Name: alert_steps alert_steps_person_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.alert_steps
    ADD CONSTRAINT alert_steps_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(id);


--
-- Name: alerts alerts_acknowledged_by_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT alerts_acknowledged_by_fkey FOREIGN KEY (acknowledged_by) REFERENCES public.people(id);


--
-- Name: alerts alerts_mentee_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT alerts_mentee_id_fkey FOREIGN KEY (mentee_id) REFERENCES public.people(id);


--
-- Name: alerts alerts_owner_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT alerts_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES public.people(id);


--
-- Name: assignments assignments_mentee_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.assignments
    ADD CONSTRAINT assignments_mentee_id_fkey FOREIGN KEY (mentee_id) REFERENCES public.people(id);


--
-- Name: assignments assignments_mentor_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.assignments
    ADD CONSTRAINT assignments_mentor_id_fkey FOREIGN KEY (mentor_id) REFERENCES public.people(id);


--
-- Name: availability availability_person_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.availability
    ADD CONSTRAINT availability_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(id);


--
-- Name: check_in_history check_in_history_mentee_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.check_in_history
    ADD CONSTRAINT check_in_history_mentee_id_fkey FOREIGN KEY (mentee_id) REFERENCES public.people(id);


--
-- Name: check_ins check_ins_mentee_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.check_ins
    ADD CONSTRAINT check_ins_mentee_id_fkey FOREIGN KEY (mentee_id) REFERENCES public.people(id);


--
-- Name: consents consents_person_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.consents
    ADD CONSTRAINT consents_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(id);


--
-- Name: devices devices_person_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.devices
    ADD CONSTRAINT devices_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(id);


--
-- Name: devices devices_session_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.devices
    ADD CONSTRAINT devices_session_fkey FOREIGN KEY (person_id, session_id) REFERENCES public.sessions(person_id, id) ON DELETE CASCADE;


--
-- Name: feed_items feed_items_person_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.feed_items
    ADD CONSTRAINT feed_items_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.feeds(person_id);


--
-- Name: feeds feeds_person_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.feeds
    ADD CONSTRAINT feeds_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(id);


--
-- Name: help_requests help_requests_closed_by_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.help_requests
    ADD CONSTRAINT help_requests_closed_by_fkey FOREIGN KEY (closed_by) REFERENCES public.people(id);


--
-- Name: help_requests help_requests_mentee_id_alert_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.help_requests
    ADD CONSTRAINT help_requests_mentee_id_alert_id_fkey FOREIGN KEY (mentee_id, alert_id) REFERENCES public.alerts(mentee_id, id);


--
-- Name: help_requests help_requests_mentee_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.help_requests
    ADD CONSTRAINT help_requests_mentee_id_fkey FOREIGN KEY (mentee_id) REFERENCES public.people(id);


--
-- Name: holidays holidays_program_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.holidays
    ADD CONSTRAINT holidays_program_id_fkey FOREIGN KEY (program_id) REFERENCES public.programs(id);


--
-- Name: inbox inbox_person_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(id);


--
-- Name: kept_answers kept_answers_person_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.kept_answers
    ADD CONSTRAINT kept_answers_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(id);


--
-- Name: nudge_plans nudge_plans_mentee_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.nudge_plans
    ADD CONSTRAINT nudge_plans_mentee_id_fkey FOREIGN KEY (mentee_id) REFERENCES public.people(id);


--
-- Name: nudges nudges_mentee_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.nudges
    ADD CONSTRAINT nudges_mentee_id_fkey FOREIGN KEY (mentee_id) REFERENCES public.people(id);


--
-- Name: on_call on_call_person_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.on_call
    ADD CONSTRAINT on_call_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(id);


--
-- Name: on_call on_call_program_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.on_call
    ADD CONSTRAINT on_call_program_id_fkey FOREIGN KEY (program_id) REFERENCES public.programs(id);


--
-- Name: pauses pauses_mentee_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.pauses
    ADD CONSTRAINT pauses_mentee_id_fkey FOREIGN KEY (mentee_id) REFERENCES public.people(id);


--
-- Name: people people_program_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.people
    ADD CONSTRAINT people_program_id_fkey FOREIGN KEY (program_id) REFERENCES public.programs(id);


--
-- Name: program_routing program_routing_program_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.program_routing
    ADD CONSTRAINT program_routing_program_id_fkey FOREIGN KEY (program_id) REFERENCES public.programs(id);


--
-- Name: program_texts program_texts_program_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.program_texts
    ADD CONSTRAINT program_texts_program_id_fkey FOREIGN KEY (program_id) REFERENCES public.programs(id);


--
-- Name: sessions sessions_person_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(id);


--
-- Name: sign_in_codes sign_in_codes_person_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sign_in_codes
    ADD CONSTRAINT sign_in_codes_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(id);


--
-- Name: trend_states trend_states_mentee_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.trend_states
    ADD CONSTRAINT trend_states_mentee_id_fkey FOREIGN KEY (mentee_id) REFERENCES public.people(id);


--
-- Name: zone_history zone_history_mentee_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.zone_history
    ADD CONSTRAINT zone_history_mentee_id_fkey FOREIGN KEY (mentee_id) REFERENCES public.people(id);


--
-- PostgreSQL database dump complete
--

\unrestrict dbmate


--
-- Dbmate schema migrations
--

INSERT INTO public.schema_migrations (version) VALUES
    ('20261120000001'),
    ('20261120000002'),
    ('20261120000003'),
    ('20261120000004'),
    ('20261120000005'),
    ('20261120000006'),
    ('20261120000007'),
    ('20261120000008'),
    ('20261120000009'),
    ('20261120000010'),
    ('20261120000012'),
    ('20261120000013'),
    ('20261120000014'),
    ('20261120000016'),
    ('20261120000017'),
    ('20261120000018'),
    ('20261120000019'),
    ('20261129000020'),
    ('20261129000021'),
    ('20261130000022'),
    ('20261130000023'),
    ('20261130000024'),
    ('20261130000025');
