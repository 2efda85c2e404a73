-- What 0001_guards does for passwords and statuses, for everything else that lets somebody in: a changed factor, a
-- revoked app password, grant or key ends what it opened, whatever path changes it.

-- The one session that a change leaves open, when its owner asked for that: named for one transaction.
CREATE FUNCTION gatehouse_kept_session() RETURNS text LANGUAGE sql STABLE AS $$
  SELECT nullif(current_setting('gatehouse.keep_session', true), '')
$$;
--> statement-breakpoint

CREATE OR REPLACE FUNCTION gatehouse_credential_epoch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.epoch < OLD.epoch THEN
    RAISE EXCEPTION 'the epoch of a credential never goes back';
  END IF;
  IF NEW.epoch = OLD.epoch
     AND (NEW.hash, NEW.account_id, NEW.store, NEW.login, NEW.locked_at)
         IS DISTINCT FROM (OLD.hash, OLD.account_id, OLD.store, OLD.login, OLD.locked_at)
     AND current_setting('gatehouse.rehash', true) IS DISTINCT FROM NEW.id THEN
    NEW.epoch := OLD.epoch + 1;
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint

CREATE OR REPLACE FUNCTION gatehouse_credential_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE sessions SET ended_at = now(), end_reason = 'credential_changed'
   WHERE credential_id = OLD.id AND ended_at IS NULL AND id IS DISTINCT FROM gatehouse_kept_session();
  IF TG_OP = 'UPDATE' THEN
    UPDATE sessions SET credential_epoch = NEW.epoch
     WHERE id = gatehouse_kept_session() AND credential_id = NEW.id AND ended_at IS NULL;
  ELSE
    UPDATE app_passwords SET revoked_at = now() WHERE credential_id = OLD.id AND revoked_at IS NULL;
    UPDATE ssh_keys SET revoked_at = now() WHERE credential_id = OLD.id AND revoked_at IS NULL;
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint

-- A factor stands for every login of its account: all of them get a new epoch, and half-done logins are over.
CREATE FUNCTION gatehouse_factor_changed(account text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE credentials SET epoch = epoch + 1 WHERE account_id = account;
  UPDATE sessions SET ended_at = now(), end_reason = 'credential_changed'
   WHERE account_id = account AND ended_at IS NULL AND id IS DISTINCT FROM gatehouse_kept_session();
  UPDATE challenges SET spent_at = now() WHERE account_id = account AND spent_at IS NULL;
END $$;
--> statement-breakpoint

CREATE FUNCTION gatehouse_factor_row_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM gatehouse_factor_changed(coalesce(NEW.account_id, OLD.account_id));
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER totp_made AFTER INSERT ON totp
  FOR EACH ROW WHEN (NEW.sealed_secret IS NOT NULL) EXECUTE FUNCTION gatehouse_factor_row_changed();
--> statement-breakpoint
CREATE TRIGGER totp_changed AFTER UPDATE ON totp
  FOR EACH ROW WHEN (NEW.sealed_secret IS DISTINCT FROM OLD.sealed_secret
                     OR NEW.account_id <> OLD.account_id OR NEW.last_step < OLD.last_step)
  EXECUTE FUNCTION gatehouse_factor_row_changed();
--> statement-breakpoint
CREATE TRIGGER totp_removed AFTER DELETE ON totp
  FOR EACH ROW WHEN (OLD.sealed_secret IS NOT NULL) EXECUTE FUNCTION gatehouse_factor_row_changed();
--> statement-breakpoint
CREATE TRIGGER passkey_made AFTER INSERT OR DELETE ON passkeys
  FOR EACH ROW EXECUTE FUNCTION gatehouse_factor_row_changed();
--> statement-breakpoint
CREATE TRIGGER passkey_changed AFTER UPDATE ON passkeys
  FOR EACH ROW WHEN ((NEW.account_id, NEW.webauthn_id, NEW.public_key)
                     IS DISTINCT FROM (OLD.account_id, OLD.webauthn_id, OLD.public_key))
  EXECUTE FUNCTION gatehouse_factor_row_changed();
--> statement-breakpoint

-- Ten codes come and go together: once a statement.
CREATE FUNCTION gatehouse_codes_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM gatehouse_factor_changed(account_id) FROM (SELECT DISTINCT account_id FROM changed) AS each;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER codes_made AFTER INSERT ON recovery_codes REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION gatehouse_codes_changed();
--> statement-breakpoint
CREATE TRIGGER codes_removed AFTER DELETE ON recovery_codes REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION gatehouse_codes_changed();
--> statement-breakpoint

CREATE FUNCTION gatehouse_app_password_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE sessions SET ended_at = now(), end_reason = 'credential_changed'
   WHERE app_password_id = OLD.id AND ended_at IS NULL;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER app_password_revoked AFTER UPDATE ON app_passwords
  FOR EACH ROW WHEN (NEW.revoked_at IS NOT NULL AND OLD.revoked_at IS NULL
                     OR (NEW.credential_id, NEW.secret_hash) IS DISTINCT FROM (OLD.credential_id, OLD.secret_hash))
  EXECUTE FUNCTION gatehouse_app_password_ends();
--> statement-breakpoint
CREATE TRIGGER app_password_deleted AFTER DELETE ON app_passwords
  FOR EACH ROW EXECUTE FUNCTION gatehouse_app_password_ends();
--> statement-breakpoint

CREATE FUNCTION gatehouse_grant_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE sessions SET ended_at = now(), end_reason = 'credential_changed'
   WHERE grant_id = OLD.id AND ended_at IS NULL;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER grant_revoked AFTER UPDATE ON grants
  FOR EACH ROW WHEN (NEW.revoked_at IS NOT NULL AND OLD.revoked_at IS NULL) EXECUTE FUNCTION gatehouse_grant_ends();
--> statement-breakpoint
CREATE TRIGGER grant_deleted AFTER DELETE ON grants
  FOR EACH ROW EXECUTE FUNCTION gatehouse_grant_ends();
--> statement-breakpoint

CREATE FUNCTION gatehouse_ssh_key_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE sessions SET ended_at = now(), end_reason = 'credential_changed'
   WHERE ssh_key_id = OLD.id AND ended_at IS NULL;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER ssh_key_revoked AFTER UPDATE ON ssh_keys
  FOR EACH ROW WHEN (NEW.revoked_at IS NOT NULL AND OLD.revoked_at IS NULL OR NEW.key <> OLD.key)
  EXECUTE FUNCTION gatehouse_ssh_key_ends();
--> statement-breakpoint
CREATE TRIGGER ssh_key_deleted AFTER DELETE ON ssh_keys
  FOR EACH ROW EXECUTE FUNCTION gatehouse_ssh_key_ends();
