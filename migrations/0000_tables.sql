CREATE SEQUENCE "public"."session_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE TABLE "accounts" (
	"id" text PRIMARY KEY NOT NULL,
	"login" text NOT NULL,
	"email" text,
	"status" text DEFAULT 'active' NOT NULL,
	"suspend_level" text,
	"status_reason" text,
	"unix_uid" integer,
	"unix_gid" integer,
	"unix_home" text,
	"unix_shell" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "attempts" (
	"key" text PRIMARY KEY NOT NULL,
	"failures" integer DEFAULT 0 NOT NULL,
	"digests" text[] NOT NULL,
	"repeats" integer DEFAULT 0 NOT NULL,
	"window_started_at" bigint DEFAULT 0 NOT NULL,
	"blocked_until" bigint DEFAULT 0 NOT NULL,
	"touched_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "known_sources" (
	"credential_id" text NOT NULL,
	"prefix" text NOT NULL,
	"last_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "known_sources_credential_id_prefix_pk" PRIMARY KEY("credential_id","prefix")
);
--> statement-breakpoint
CREATE TABLE "credentials" (
	"id" text PRIMARY KEY NOT NULL,
	"account_id" text NOT NULL,
	"store" text NOT NULL,
	"login" text NOT NULL,
	"hash" text NOT NULL,
	"scheme" text NOT NULL,
	"epoch" bigint DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"last_used_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "cutoffs" (
	"order_id" text PRIMARY KEY NOT NULL,
	"up_to" bigint NOT NULL,
	"store" text,
	"channel" text,
	"host" text,
	"source" "cidr",
	"opened_before" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "order_doors" (
	"order_id" text NOT NULL,
	"session_id" text NOT NULL,
	CONSTRAINT "order_doors_order_id_session_id_pk" PRIMARY KEY("order_id","session_id")
);
--> statement-breakpoint
CREATE TABLE "orders" (
	"id" text PRIMARY KEY NOT NULL,
	"selector" jsonb NOT NULL,
	"reason" text NOT NULL,
	"requested_by" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"tidied" boolean NOT NULL
);
--> statement-breakpoint
CREATE TABLE "clients" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"key_hash" "bytea" NOT NULL,
	"scopes" text[] NOT NULL,
	"host" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"revoked_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "hosts" (
	"name" text PRIMARY KEY NOT NULL,
	"client_id" text NOT NULL,
	"boot_id" text NOT NULL,
	"version" text NOT NULL,
	"last_contact_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "operators" (
	"id" text PRIMARY KEY NOT NULL,
	"login" text NOT NULL,
	"role" text NOT NULL,
	"token_hash" "bytea" NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"revoked_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "audit_events" (
	"seq" bigserial PRIMARY KEY NOT NULL,
	"id" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"kind" text NOT NULL,
	"actor_kind" text NOT NULL,
	"actor_id" text NOT NULL,
	"account_id" text,
	"session_id" text,
	"order_id" text,
	"source" text,
	"request_id" text,
	"detail" jsonb,
	"link" "bytea"
);
--> statement-breakpoint
CREATE TABLE "idempotency" (
	"principal_id" text NOT NULL,
	"key" text NOT NULL,
	"request_hash" "bytea" NOT NULL,
	"status" integer,
	"body" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "idempotency_principal_id_key_pk" PRIMARY KEY("principal_id","key")
);
--> statement-breakpoint
CREATE TABLE "installation" (
	"id" integer PRIMARY KEY NOT NULL,
	"key_fingerprint" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "policy" (
	"id" integer PRIMARY KEY NOT NULL,
	"version" bigint NOT NULL,
	"overrides" jsonb NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"id" text PRIMARY KEY NOT NULL,
	"seq" bigint DEFAULT nextval('session_seq') NOT NULL,
	"token_hash" "bytea",
	"account_id" text NOT NULL,
	"credential_id" text,
	"credential_epoch" bigint,
	"login" text NOT NULL,
	"store" text NOT NULL,
	"channel" text NOT NULL,
	"profile" text NOT NULL,
	"method" text NOT NULL,
	"host" text,
	"source_ip" "inet",
	"source_port" integer,
	"user_agent" text,
	"device" text,
	"opened_at" timestamp (3) with time zone NOT NULL,
	"last_seen_at" timestamp (3) with time zone NOT NULL,
	"idle_ms" integer NOT NULL,
	"absolute_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	"end_reason" text,
	"order_id" text,
	"pid" integer,
	"pid_start" text,
	"boot_id" text,
	"adopted" boolean DEFAULT false NOT NULL,
	"door_state" text,
	"door_at" timestamp (3) with time zone,
	"door_detail" text
);
--> statement-breakpoint
ALTER TABLE "credentials" ADD CONSTRAINT "credentials_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "accounts_login" ON "accounts" USING btree ("login");--> statement-breakpoint
CREATE INDEX "attempts_touched" ON "attempts" USING btree ("touched_at");--> statement-breakpoint
CREATE UNIQUE INDEX "credentials_store_login" ON "credentials" USING btree ("store","login");--> statement-breakpoint
CREATE INDEX "credentials_account" ON "credentials" USING btree ("account_id");--> statement-breakpoint
CREATE INDEX "order_doors_session" ON "order_doors" USING btree ("session_id");--> statement-breakpoint
CREATE UNIQUE INDEX "clients_key_hash" ON "clients" USING btree ("key_hash");--> statement-breakpoint
CREATE UNIQUE INDEX "clients_name" ON "clients" USING btree ("name") WHERE revoked_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "operators_token_hash" ON "operators" USING btree ("token_hash");--> statement-breakpoint
CREATE UNIQUE INDEX "operators_login" ON "operators" USING btree ("login") WHERE revoked_at is null;--> statement-breakpoint
CREATE INDEX "audit_account" ON "audit_events" USING btree ("account_id","seq");--> statement-breakpoint
CREATE INDEX "audit_kind" ON "audit_events" USING btree ("kind","seq");--> statement-breakpoint
CREATE UNIQUE INDEX "sessions_token_hash" ON "sessions" USING btree ("token_hash");--> statement-breakpoint
CREATE UNIQUE INDEX "sessions_seq" ON "sessions" USING btree ("seq");--> statement-breakpoint
CREATE INDEX "sessions_account" ON "sessions" USING btree ("account_id","seq");--> statement-breakpoint
CREATE INDEX "sessions_live_credential" ON "sessions" USING btree ("credential_id") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "sessions_live_seen" ON "sessions" USING btree ("last_seen_at") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "sessions_live_seq" ON "sessions" USING btree ("seq") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "sessions_order" ON "sessions" USING btree ("order_id","seq") WHERE order_id is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "sessions_live_process" ON "sessions" USING btree ("host","boot_id","pid","pid_start") WHERE ended_at is null and pid is not null;--> statement-breakpoint
CREATE INDEX "sessions_host_open" ON "sessions" USING btree ("host","seq") WHERE door_state <> 'ended';