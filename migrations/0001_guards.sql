-- The safety net below the actions: whatever path changes a secret or a status (the API, the command line, an
-- import, a hand-written UPDATE), the sessions that it opened end in the same transaction.

INSERT INTO policy (id, version, overrides, updated_at) VALUES (1, 1, '{}', now());
--> statement-breakpoint

-- A changed secret, owner or name is a new epoch. A rehash of the same secret says so and keeps it.
CREATE FUNCTION gatehouse_credential_epoch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.epoch < OLD.epoch THEN
    RAISE EXCEPTION 'the epoch of a credential never goes back';
  END IF;
  IF NEW.epoch = OLD.epoch
     AND (NEW.hash, NEW.account_id, NEW.store, NEW.login)
         IS DISTINCT FROM (OLD.hash, OLD.account_id, OLD.store, OLD.login)
     AND current_setting('gatehouse.rehash', true) IS DISTINCT FROM NEW.id THEN
    NEW.epoch := OLD.epoch + 1;
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER credential_epoch BEFORE UPDATE ON credentials
  FOR EACH ROW EXECUTE FUNCTION gatehouse_credential_epoch();
--> statement-breakpoint

CREATE FUNCTION gatehouse_credential_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE sessions SET ended_at = now(), end_reason = 'credential_changed'
   WHERE credential_id = OLD.id AND ended_at IS NULL;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER credential_changed AFTER UPDATE ON credentials
  FOR EACH ROW WHEN (NEW.epoch <> OLD.epoch) EXECUTE FUNCTION gatehouse_credential_ends();
--> statement-breakpoint
CREATE TRIGGER credential_deleted AFTER DELETE ON credentials
  FOR EACH ROW EXECUTE FUNCTION gatehouse_credential_ends();
--> statement-breakpoint

CREATE FUNCTION gatehouse_account_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE sessions SET ended_at = now(), end_reason = 'account_suspended'
   WHERE account_id = OLD.id AND ended_at IS NULL;
  IF TG_OP = 'UPDATE' THEN
    UPDATE credentials SET epoch = epoch + 1 WHERE account_id = OLD.id;
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER account_shut AFTER UPDATE ON accounts
  FOR EACH ROW
  WHEN ((NEW.status = 'closed' OR (NEW.status = 'suspended' AND NEW.suspend_level IS DISTINCT FROM 'logins'))
        AND (NEW.status, NEW.suspend_level) IS DISTINCT FROM (OLD.status, OLD.suspend_level))
  EXECUTE FUNCTION gatehouse_account_ends();
--> statement-breakpoint
CREATE TRIGGER account_deleted AFTER DELETE ON accounts
  FOR EACH ROW EXECUTE FUNCTION gatehouse_account_ends();
--> statement-breakpoint

-- An ended session stays ended, its clocks only get shorter; and a session that lives in processes waits for its host
-- to prove the end.
CREATE FUNCTION gatehouse_session_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.ended_at IS NOT NULL AND NEW.ended_at IS DISTINCT FROM OLD.ended_at THEN
    RAISE EXCEPTION 'session % has ended and cannot be changed back', OLD.id;
  END IF;
  IF NEW.absolute_at > OLD.absolute_at OR NEW.opened_at > OLD.opened_at OR NEW.idle_ms > OLD.idle_ms THEN
    RAISE EXCEPTION 'the end of session % cannot be put off', OLD.id;
  END IF;
  IF NEW.ended_at IS NOT NULL AND OLD.ended_at IS NULL AND NEW.door_state = 'open' THEN
    NEW.door_state := 'pending';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER session_guard BEFORE UPDATE OF ended_at, absolute_at, opened_at, idle_ms, door_state ON sessions
  FOR EACH ROW EXECUTE FUNCTION gatehouse_session_guard();
--> statement-breakpoint

CREATE FUNCTION gatehouse_order_waits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('gatehouse_orders', coalesce(NEW.host, ''));
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER order_waits AFTER UPDATE OF ended_at, door_state ON sessions
  FOR EACH ROW WHEN (NEW.door_state = 'pending' AND OLD.door_state IS DISTINCT FROM 'pending')
  EXECUTE FUNCTION gatehouse_order_waits();
--> statement-breakpoint

-- Nodes keep the policy that they read by its version.
CREATE FUNCTION gatehouse_policy_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.overrides <> OLD.overrides AND NEW.version <= OLD.version THEN
    NEW.version := OLD.version + 1;
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER policy_version BEFORE UPDATE ON policy
  FOR EACH ROW EXECUTE FUNCTION gatehouse_policy_version();
--> statement-breakpoint

CREATE FUNCTION gatehouse_policy_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('gatehouse_policy', NEW.version::text);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER policy_changed AFTER UPDATE ON policy
  FOR EACH ROW EXECUTE FUNCTION gatehouse_policy_changed();
--> statement-breakpoint

-- What happened is never rewritten by the service.
CREATE FUNCTION gatehouse_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit events are append-only';
END $$;
--> statement-breakpoint
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit_events
  FOR EACH ROW EXECUTE FUNCTION gatehouse_append_only();
--> statement-breakpoint
CREATE TRIGGER audit_kept_whole BEFORE TRUNCATE ON audit_events
  FOR EACH STATEMENT EXECUTE FUNCTION gatehouse_append_only();
