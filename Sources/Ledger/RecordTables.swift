import GRDB

enum RecordTables { static func extend(_ db: Database) throws {} }
enum RecordViews { static func recreate(_ db: Database, settings: ViewSettings) throws {} }
