"""Where gold sets come from: public sets, an index, readers' corrections."""
