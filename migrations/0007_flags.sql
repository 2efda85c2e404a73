CREATE TABLE "account_risks" (
	"account_id" text PRIMARY KEY NOT NULL,
	"reason" text NOT NULL,
	"flag_id" text,
	"raised_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "contacts" (
	"id" text PRIMARY KEY NOT NULL,
	"account_id" text NOT NULL,
	"medium" text NOT NULL,
	"purpose" text NOT NULL,
	"code_hash" "bytea" NOT NULL,
	"announced_by" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"checked_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "flag_events" (
	"seq" bigserial PRIMARY KEY NOT NULL,
	"flag_id" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"what" text NOT NULL,
	"actor_kind" text NOT NULL,
	"actor_id" text NOT NULL,
	"note" text,
	"detail" jsonb
);
--> statement-breakpoint
CREATE TABLE "flags" (
	"id" text PRIMARY KEY NOT NULL,
	"seq" bigserial NOT NULL,
	"kind" text NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"same_key" text NOT NULL,
	"account_id" text,
	"source" text,
	"score" real NOT NULL,
	"summary" text NOT NULL,
	"evidence" jsonb NOT NULL,
	"count" integer NOT NULL,
	"first_seen_at" timestamp (3) with time zone NOT NULL,
	"last_seen_at" timestamp (3) with time zone NOT NULL,
	"resolved_at" timestamp (3) with time zone,
	"resolved_by" text,
	"note" text
);
--> statement-breakpoint
CREATE TABLE "messages" (
	"id" text PRIMARY KEY NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"medium" text NOT NULL,
	"direction" text NOT NULL,
	"origin" text NOT NULL,
	"account_id" text,
	"sender_domain" text,
	"verdict" text NOT NULL,
	"score" real NOT NULL,
	"solicited" boolean NOT NULL,
	"flagged" boolean NOT NULL,
	"flag_id" text,
	"features" jsonb NOT NULL,
	"sketch" integer[],
	"bands" integer[],
	"redacted" text,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "reports" (
	"id" text PRIMARY KEY NOT NULL,
	"seq" bigserial NOT NULL,
	"account_id" text NOT NULL,
	"message_id" text,
	"flag_id" text,
	"medium" text NOT NULL,
	"verdict" text NOT NULL,
	"answered" boolean NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "trainings" (
	"seq" bigserial PRIMARY KEY NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"trained_by" text NOT NULL,
	"offsets" jsonb NOT NULL,
	"confirmed" integer NOT NULL,
	"dismissed" integer NOT NULL,
	"before" jsonb NOT NULL,
	"after" jsonb NOT NULL,
	"reverted_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "account_risks" ADD CONSTRAINT "account_risks_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "account_risks" ADD CONSTRAINT "account_risks_flag_id_flags_id_fk" FOREIGN KEY ("flag_id") REFERENCES "public"."flags"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contacts" ADD CONSTRAINT "contacts_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "flag_events" ADD CONSTRAINT "flag_events_flag_id_flags_id_fk" FOREIGN KEY ("flag_id") REFERENCES "public"."flags"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "flags" ADD CONSTRAINT "flags_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_flag_id_flags_id_fk" FOREIGN KEY ("flag_id") REFERENCES "public"."flags"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reports" ADD CONSTRAINT "reports_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reports" ADD CONSTRAINT "reports_message_id_messages_id_fk" FOREIGN KEY ("message_id") REFERENCES "public"."messages"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reports" ADD CONSTRAINT "reports_flag_id_flags_id_fk" FOREIGN KEY ("flag_id") REFERENCES "public"."flags"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "contacts_code" ON "contacts" USING btree ("account_id","code_hash");--> statement-breakpoint
CREATE INDEX "contacts_open" ON "contacts" USING btree ("account_id","expires_at");--> statement-breakpoint
CREATE INDEX "flag_events_flag" ON "flag_events" USING btree ("flag_id","seq");--> statement-breakpoint
CREATE UNIQUE INDEX "flags_open" ON "flags" USING btree ("same_key") WHERE state = 'open';--> statement-breakpoint
CREATE UNIQUE INDEX "flags_seq" ON "flags" USING btree ("seq");--> statement-breakpoint
CREATE INDEX "flags_same" ON "flags" USING btree ("same_key","resolved_at");--> statement-breakpoint
CREATE INDEX "flags_state" ON "flags" USING btree ("state","seq");--> statement-breakpoint
CREATE INDEX "flags_account" ON "flags" USING btree ("account_id","seq");--> statement-breakpoint
CREATE INDEX "flags_seen" ON "flags" USING btree ("last_seen_at");--> statement-breakpoint
CREATE INDEX "messages_bands" ON "messages" USING gin ("bands");--> statement-breakpoint
CREATE INDEX "messages_account" ON "messages" USING btree ("account_id","at");--> statement-breakpoint
CREATE INDEX "messages_flag" ON "messages" USING btree ("flag_id");--> statement-breakpoint
CREATE INDEX "messages_expiry" ON "messages" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "reports_account" ON "reports" USING btree ("account_id","created_at");--> statement-breakpoint
CREATE INDEX "reports_flag" ON "reports" USING btree ("flag_id");--> statement-breakpoint
CREATE INDEX "reports_expiry" ON "reports" USING btree ("expires_at");