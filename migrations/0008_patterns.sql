CREATE TABLE "account_effects" (
	"account_id" text NOT NULL,
	"pattern" text NOT NULL,
	"effect" text NOT NULL,
	"entered" text,
	"flag_id" text,
	"seen_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "account_effects_account_id_pattern_pk" PRIMARY KEY("account_id","pattern")
);
--> statement-breakpoint
CREATE TABLE "pattern_watch" (
	"id" integer PRIMARY KEY NOT NULL,
	"head" bigint NOT NULL,
	"gaps" jsonb NOT NULL,
	"holder" text NOT NULL,
	"held_until" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "account_effects" ADD CONSTRAINT "account_effects_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "account_effects" ADD CONSTRAINT "account_effects_flag_id_flags_id_fk" FOREIGN KEY ("flag_id") REFERENCES "public"."flags"("id") ON DELETE set null ON UPDATE no action;