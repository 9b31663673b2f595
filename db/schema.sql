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
    CONSTRAINT absences_check CHECK ((ends_at > starts_at))
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
    CONSTRAINT alert_steps_check CHECK (((result = 'asked'::text) = (message_id IS NOT NULL))),
    CONSTRAINT alert_steps_result_check CHECK ((result = ANY (ARRAY['asked'::text, 'empty'::text, 'away'::text, 'no_phone'::text, 'opted_out'::text, 'unreachable'::text]))),
    CONSTRAINT alert_steps_role_check CHECK ((role = ANY (ARRAY['mentor'::text, 'cover'::text, 'coordinator'::text])))
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
    CONSTRAINT alerts_acknowledged_through_check CHECK ((acknowledged_through = ANY (ARRAY['sms'::text, 'app'::text, 'web'::text]))),
    CONSTRAINT alerts_check CHECK (((resolved_at IS NULL) OR (next_step_at IS NULL))),
    CONSTRAINT alerts_check1 CHECK (((acknowledged_at IS NULL) = (acknowledged_by IS NULL))),
    CONSTRAINT alerts_check2 CHECK (((resolved_at IS NOT NULL) OR (acknowledged_at IS NOT NULL) OR (next_step_at IS NOT NULL))),
    CONSTRAINT alerts_evidence_check CHECK ((jsonb_typeof(evidence) = 'array'::text)),
    CONSTRAINT alerts_kind_check CHECK ((kind = ANY (ARRAY['trend'::text, 'silence'::text, 'crisis'::text, 'call_me'::text, 'practical_help'::text, 'opted_out'::text, 'unreachable'::text]))),
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
    CONSTRAINT assignments_kind_check CHECK ((kind = ANY (ARRAY['primary'::text, 'cover'::text])))
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
-- Name: nudge_plans; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.nudge_plans (
    mentee_id uuid NOT NULL,
    times time without time zone[] DEFAULT '{18:00:00}'::time without time zone[] NOT NULL,
    weekdays smallint[] DEFAULT '{1,2,3,4,5,6,7}'::smallint[] NOT NULL,
    quiet_from time without time zone DEFAULT '21:00:00'::time without time zone NOT NULL,
    quiet_until time without time zone DEFAULT '08:00:00'::time without time zone NOT NULL,
    paused_until date,
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
    CONSTRAINT outbox_check CHECK ((expires_at > not_before)),
    CONSTRAINT outbox_check1 CHECK (((status <> ALL (ARRAY['claimed'::text, 'uncertain'::text])) OR (claimed_until IS NOT NULL))),
    CONSTRAINT outbox_status_check CHECK ((status = ANY (ARRAY['queued'::text, 'claimed'::text, 'sent'::text, 'delivered'::text, 'undelivered'::text, 'failed'::text, 'uncertain'::text, 'expired'::text, 'cancelled'::text])))
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
    CONSTRAINT people_check CHECK (((phone IS NULL) = (phone_hash IS NULL))),
    CONSTRAINT people_language_check CHECK ((language = ANY (ARRAY['en'::text, 'es'::text]))),
    CONSTRAINT people_phone_hash_check CHECK ((octet_length(phone_hash) = 32)),
    CONSTRAINT people_roles_check CHECK (((roles <@ ARRAY['mentee'::text, 'mentor'::text, 'coordinator'::text]) AND (cardinality(roles) > 0))),
    CONSTRAINT people_status_check CHECK ((status = ANY (ARRAY['invited'::text, 'active'::text, 'ended'::text])))
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
    CONSTRAINT senders_check CHECK (((paused_at IS NULL) = (paused_because IS NULL))),
    CONSTRAINT senders_failures_check CHECK ((failures >= 0)),
    CONSTRAINT senders_openings_check CHECK ((openings >= 0)),
    CONSTRAINT senders_paused_because_check CHECK ((paused_because = ANY (ARRAY['operator'::text, 'moved'::text]))),
    CONSTRAINT senders_tokens_check CHECK ((tokens >= (0)::double precision))
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
-- Name: absences absences_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.absences
    ADD CONSTRAINT absences_pkey PRIMARY KEY (mentor_id, id);


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
-- Name: inbox inbox_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (provider_sid);


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
-- Name: people people_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.people
    ADD CONSTRAINT people_pkey PRIMARY KEY (id);


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
-- Name: trend_states trend_states_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.trend_states
    ADD CONSTRAINT trend_states_pkey PRIMARY KEY (mentee_id);


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
-- Name: alerts_one_open; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX alerts_one_open ON public.alerts USING btree (mentee_id, kind) WHERE (resolved_at IS NULL);


--
-- Name: alerts_open_by_number; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX alerts_open_by_number ON public.alerts USING btree (number) WHERE (resolved_at IS NULL);


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
-- Name: inbox_by_person; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX inbox_by_person ON public.inbox USING btree (person_id, received_at);


--
-- Name: nudge_plans_due; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX nudge_plans_due ON public.nudge_plans USING btree (next_nudge_at) WHERE (next_nudge_at IS NOT NULL);


--
-- Name: nudge_plans_silence; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX nudge_plans_silence ON public.nudge_plans USING btree (silence_check_at) WHERE (silence_check_at IS NOT NULL);


--
-- Name: outbox_by_id; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX outbox_by_id ON public.outbox USING btree (id);


--
-- Name: outbox_due; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX outbox_due ON public.outbox USING btree (lane, not_before) WHERE (status = 'queued'::text);


--
-- Name: outbox_leased; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX outbox_leased ON public.outbox USING btree (claimed_until) WHERE (status = ANY (ARRAY['claimed'::text, 'uncertain'::text]));


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
-- Name: sandbox_texts_by_phone; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX sandbox_texts_by_phone ON public.sandbox_texts USING btree (phone_hash, at);


--
-- Name: audit audit_only_grows; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER audit_only_grows BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();


--
-- Name: absences absences_mentor_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.absences
    ADD CONSTRAINT absences_mentor_id_fkey FOREIGN KEY (mentor_id) REFERENCES public.people(id);


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
-- Name: inbox inbox_person_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(id);


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
-- Name: people people_program_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.people
    ADD CONSTRAINT people_program_id_fkey FOREIGN KEY (program_id) REFERENCES public.programs(id);


--
-- Name: program_texts program_texts_program_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.program_texts
    ADD CONSTRAINT program_texts_program_id_fkey FOREIGN KEY (program_id) REFERENCES public.programs(id);


--
-- Name: trend_states trend_states_mentee_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.trend_states
    ADD CONSTRAINT trend_states_mentee_id_fkey FOREIGN KEY (mentee_id) REFERENCES public.people(id);


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
    ('20261120000010');
